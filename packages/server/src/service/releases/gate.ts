import { type ArtifactFacts, DistError, isAllowed, type Principal, renderTarget } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import { FEEDS } from "@distd/feeds";
import { type GateSubject, isRefused, runGate } from "@distd/inspect/gate";
import type { Read, Tx } from "../../db/database.ts";
import { type AppRow, gateOf } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { derivedOf } from "../uploads/inspection.ts";
import { type ArtifactRow, artifactsOf } from "./releases.ts";

export interface GateRequest {
  readonly version: string;
  readonly build: string;
  readonly channel: string | undefined;
  readonly stage: "publish" | "promote";
  readonly overrides: Readonly<Record<string, { readonly by: string; readonly reason: string }>>;
}

/** Holds artifacts against the app's rules, the release's statements, and what is live for the same devices. */
export async function askGate(
  db: Read | Tx,
  instance: Instance,
  app: AppRow,
  subjects: readonly GateSubject[],
  request: GateRequest,
): Promise<GateResultDocument[]> {
  const { rules, checks, channels } = gateOf(app);
  const live = await liveArtifacts(db, app, request.channel);
  const pairs = subjects.map((subject) => ({ subject, live: counterpart(subject, live) }));
  const { version, build, channel, stage, overrides } = request;
  return runGate({
    pairs,
    context: { version, build, channel, rules, now: instance.now() },
    policy: { checks, channels },
    stage,
    overrides,
  });
}

/** Throws `gate/refused` with every result when one of them is an error. */
export function requirePassed(results: readonly GateResultDocument[], version: string): void {
  if (!isRefused(results)) return;
  const errors = results.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  throw new DistError("gate/refused", `${version} was refused: '${first?.artifact}': ${first?.message}${more}`, {
    hint: `${first?.fix}; or have it accepted: --override ${first?.check} --reason TEXT`,
    details: { checks: results },
  });
}

/** Names who accepts each check. One role may. */
export function acceptOverrides(
  principal: Principal,
  app: AppRow,
  overrides: readonly { readonly check: string; readonly reason: string }[],
): GateRequest["overrides"] {
  if (overrides.length > 0 && !isAllowed(principal, "gate:override", { app })) {
    throw new DistError("auth/forbidden", `this token may not override checks on app '${app.slug}'`, {
      hint: "use a token with the scope gate:override",
    });
  }
  return Object.fromEntries(overrides.map(({ check, reason }) => [check, { by: principal.id, reason }]));
}

export function gateSubjects(rows: readonly ArtifactRow[]): GateSubject[] {
  return rows.flatMap(({ name, facts, role }) => (facts === null ? [] : [{ name, facts: JSON.parse(facts) as ArtifactFacts, role }]));
}

/** The same, with what feeds say of them. */
export async function askFeeds(db: Read | Tx, rows: readonly ArtifactRow[]): Promise<GateSubject[]> {
  const subjects: GateSubject[] = [];
  for (const row of rows) {
    const { id, name, sha256, size, facts, platform, arch, format, variant, role } = row;
    if (facts === null) continue;
    const subject = { name, facts: JSON.parse(facts) as ArtifactFacts, role };
    const asked = FEEDS.filter(({ traits }) => traits.formats !== "all" && traits.formats.includes(format));
    if (asked.length === 0 || role !== "install" || sha256 === null || size === null) {
      subjects.push(subject);
      continue;
    }
    const metadata = await derivedOf(db, sha256, "metadata");
    const own = metadata && { metadata: new Uint8Array(metadata) };
    const artifact = { id, name, size, sha256, digests: {}, platform, arch, format, variant, role, facts: subject.facts, ...own };
    const leftOut = asked.flatMap((feed) => {
      const reason = feed.leavesOut(artifact);
      return reason === undefined ? [] : [{ feed: feed.id, reason }];
    });
    subjects.push({ ...subject, leftOut });
  }
  return subjects;
}

interface LiveArtifact extends GateSubject {
  readonly row: ArtifactRow;
}

/** What is live on the channel; without one, on all of them, what moved last first. */
async function liveArtifacts(db: Read | Tx, app: AppRow, channel: string | undefined): Promise<LiveArtifact[]> {
  let query = db
    .selectFrom("channel_heads")
    .innerJoin("channels", "channels.id", "channel_heads.channel_id")
    .innerJoin("releases", "releases.id", "channel_heads.release_id")
    .select(["channel_heads.release_id", "channel_heads.target"])
    .where("channels.app_id", "=", app.id)
    .orderBy("releases.published_at", "desc");
  if (channel !== undefined) query = query.where("channels.name", "=", channel);
  const live: LiveArtifact[] = [];
  for (const head of await query.execute()) {
    for (const row of await artifactsOf(db, head.release_id)) {
      if (row.facts !== null && renderTarget(row) === head.target)
        live.push({ row, name: row.name, facts: JSON.parse(row.facts) as ArtifactFacts });
    }
  }
  return live;
}

/** The artifact a device would have that takes this one: same platform and format, its own architecture before any other. */
function counterpart({ facts }: GateSubject, live: readonly LiveArtifact[]): LiveArtifact | undefined {
  const alike = live.filter(({ row }) => row.platform === facts.platform && row.format === facts.format && row.role !== "symbols");
  return alike.find((candidate) => candidate.facts.architectures.join() === facts.architectures.join()) ?? alike[0];
}
