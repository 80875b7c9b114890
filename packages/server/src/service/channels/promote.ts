import {
  type Coordinate,
  DELIVERED_ROLES,
  DistError,
  type Heads,
  parseChannelName,
  promoteHeads,
  renderTarget,
  sameHeads,
  type Sha256,
  type Target,
} from "@distd/core";
import type { ChannelState, GateResultDocument } from "@distd/core/wire";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import { type AppRow, openApp } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Caller, type Instance, iso } from "../instance.ts";
import { askGate, gateSubjects, requirePassed } from "../releases/gate.ts";
import { type ArtifactRow, artifactsOf, findRelease, type ReleaseRow } from "../releases/releases.ts";
import { type ChannelRow, findChannel, headsOf, renderChannel, type RevisionRow } from "./channel-state.ts";
import { moveChannel } from "./move-channel.ts";

export interface Promote {
  readonly release: string;
  readonly expect?: number | undefined;
  readonly exact: boolean;
  readonly once: boolean;
  /**
   * Only the targets of these artifacts, by digest: what a tool that knows one ecosystem means. And those on which an earlier revision of the same
   * version is live: it holds the same there.
   */
  readonly only?: readonly Sha256[];
  /** Percent of the machines that take it as an update, where their installer knows how; all of them unless given. Said again, it changes. */
  readonly phase?: number | undefined;
}

/** Makes a release live for the targets it has. Promoting what is live already changes nothing. */
export async function promote(instance: Instance, caller: Caller, slug: string, name: string, input: Promote): Promise<ChannelState> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "promote", slug, { channel: parseChannelName(name) });
    const release = await findRelease(tx, app, input.release);
    requirePublished(release);
    const artifacts = await artifactsOf(tx, release.id);
    const channel = await openChannel(tx, instance, app, name);
    requireSequence(channel, input.expect);
    const heads = await headsOf(tx, channel.id);
    const replaced = input.only ? await revisedTargets(tx, release, heads) : [];
    const targets = targetsOf(release, artifacts, input.only, replaced);
    const next = promoteHeads(heads, release.id, targets, input);
    const wasLive = input.once && (await hadLive(tx, channel, release));
    const promoted = {
      release: release.id,
      targets: input.only ? targets.map(renderTarget) : null,
      phase: input.phase === 100 ? null : (input.phase ?? null),
    };
    const isLive = channel.sequence > 0 && sameHeads(heads, next) && (await phaseOf(tx, channel, release)) === promoted.phase;
    if (wasLive || isLive) return { result: await renderChannel(tx, channel) };
    await askGateAgain(tx, instance, app, release, artifacts, name);
    const moved = await moveChannel(tx, instance, app, channel, {
      kind: "promote",
      release: release.id,
      restores: null,
      heads: next,
      promoted,
      actor: caller.principal.id,
    });
    const { phase } = input;
    const details = {
      channel: name,
      sequence: moved.sequence,
      release: release.id,
      version: release.version,
      heads: next,
      ...(phase !== undefined && { phase }),
    };
    return { result: await renderChannel(tx, moved), event: { action: "channel.promote", app: slug, subject: channel.id, details } };
  });
}

/** Goes back to the heads before the revision that is live; done again, further back. States with withdrawn releases are passed over. */
export async function rollback(
  instance: Instance,
  caller: Caller,
  slug: string,
  name: string,
  input: { expect?: number | undefined },
): Promise<ChannelState> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "promote", slug, { channel: parseChannelName(name) });
    const channel = await findChannel(tx, app, name);
    requireSequence(channel, input.expect);
    const before = await revisionBefore(tx, channel);
    if (!before)
      throw new DistError(
        "channel/nothing-to-roll-back",
        `channel '${name}' of '${slug}' has nothing before its revision ${channel.sequence}`,
      );
    const heads: Heads = JSON.parse(before.heads);
    const moved = await moveChannel(tx, instance, app, channel, {
      kind: "rollback",
      release: before.release_id,
      restores: before.sequence,
      heads,
      actor: caller.principal.id,
    });
    const details = { channel: name, sequence: moved.sequence, restores: before.sequence, heads };
    return { result: await renderChannel(tx, moved), event: { action: "channel.rollback", app: slug, subject: channel.id, details } };
  });
}

/** A channel has demands of its own, which nobody could check before the release was meant for it. What was accepted at publish stays accepted. */
async function askGateAgain(
  tx: Tx,
  instance: Instance,
  app: AppRow,
  release: ReleaseRow,
  artifacts: readonly ArtifactRow[],
  channel: string,
): Promise<void> {
  const accepted = (JSON.parse(release.checks) as GateResultDocument[]).flatMap(({ check, override }) =>
    override ? [[check, override] as const] : [],
  );
  const subjects = gateSubjects(artifacts);
  const request = {
    version: release.version,
    build: release.build,
    channel,
    stage: "promote" as const,
    overrides: Object.fromEntries(accepted),
  };
  requirePassed(await askGate(tx, instance, app, subjects, request), release.version);
}

function requirePublished(release: ReleaseRow): void {
  if (release.status === "draft") throw new DistError("release/draft", `release ${release.id} is a draft`);
  if (release.status !== "published") {
    throw new DistError("release/withdrawn", `release ${release.version} (${release.id}) is ${release.status}`, {
      details: { release: release.id, status: release.status },
    });
  }
}

function requireSequence(channel: ChannelRow, expect: number | undefined): void {
  if (expect === undefined || expect === channel.sequence) return;
  throw new DistError("channel/sequence-mismatch", `channel '${channel.name}' stands at ${channel.sequence}, not at ${expect}`, {
    details: { expected: expect, sequence: channel.sequence },
  });
}

/** Where a revision of the same version and build is live. */
async function revisedTargets(tx: Tx, release: ReleaseRow, heads: Heads): Promise<readonly string[]> {
  const live = [...new Set(Object.values(heads))];
  if (live.length === 0) return [];
  const rows = await tx
    .selectFrom("releases")
    .select("id")
    .where("id", "in", live)
    .where("version", "=", release.version)
    .where("build", "=", release.build)
    .execute();
  const revisions = new Set(rows.map(({ id }) => id));
  return Object.keys(heads).filter((target) => revisions.has(heads[target] ?? ""));
}

function targetsOf(release: ReleaseRow, artifacts: readonly ArtifactRow[], only: Promote["only"], also: readonly string[]): Target[] {
  const isMeant = (row: ArtifactRow): boolean =>
    only === undefined || (row.sha256 !== null && only.includes(row.sha256)) || also.includes(renderTarget(row));
  const delivered = artifacts.filter((row) => DELIVERED_ROLES.has(row.role) && isMeant(row));
  if (delivered.length === 0)
    throw new DistError(
      "usage/invalid",
      `release ${release.version} has nothing to deliver, only ${[...DELIVERED_ROLES].join(", ")} are delivered`,
    );
  return delivered.map(({ platform, arch, variant }: Coordinate) => ({ platform, arch, variant }));
}

async function hadLive(tx: Tx, channel: ChannelRow, release: ReleaseRow): Promise<boolean> {
  const row = await tx
    .selectFrom("channel_revisions")
    .select("sequence")
    .where("channel_id", "=", channel.id)
    .where("release_id", "=", release.id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function phaseOf(tx: Tx, channel: ChannelRow, release: ReleaseRow): Promise<number | null> {
  const row = await tx
    .selectFrom("channel_releases")
    .select("phase")
    .where("channel_id", "=", channel.id)
    .where("release_id", "=", release.id)
    .executeTakeFirst();
  return row?.phase ?? null;
}

async function revisionBefore(tx: Tx, channel: ChannelRow): Promise<RevisionRow | undefined> {
  const current = await tx
    .selectFrom("channel_revisions")
    .selectAll()
    .where("channel_id", "=", channel.id)
    .where("sequence", "=", channel.sequence)
    .executeTakeFirst();
  if (!current) return undefined;
  const now: Heads = JSON.parse(current.heads);
  // A rolled-back channel stands where the revision it restored stood. Keyset pages: a channel may have a long history.
  let position = current.restores ?? current.sequence;
  for (;;) {
    const row = await tx
      .selectFrom("channel_revisions")
      .selectAll()
      .where("channel_id", "=", channel.id)
      .where("sequence", "<", position)
      .orderBy("sequence", "desc")
      .limit(1)
      .executeTakeFirst();
    if (!row) return undefined;
    position = row.restores ?? row.sequence;
    const heads: Heads = JSON.parse(row.heads);
    const releases = [...new Set(Object.values(heads))];
    if (releases.length === 0 || sameHeads(heads, now)) continue;
    const withdrawn = await tx
      .selectFrom("releases")
      .select("id")
      .where("id", "in", releases)
      .where("status", "<>", "published")
      .limit(1)
      .executeTakeFirst();
    if (!withdrawn) return { ...row, sequence: position };
  }
}

/** The channel, made on its first promotion. */
async function openChannel(tx: Tx, instance: Instance, app: AppRow, name: string): Promise<ChannelRow> {
  const there = await tx.selectFrom("channels").selectAll().where("app_id", "=", app.id).where("name", "=", name).executeTakeFirst();
  if (there) return there;
  const row: ChannelRow = { id: createId("chn", instance.now()), app_id: app.id, name, sequence: 0, created_at: iso(instance.now()) };
  await tx.insertInto("channels").values(row).execute();
  return row;
}
