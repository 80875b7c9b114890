import type { ReleaseDocument } from "@distd/core/wire";
import { type Hub, Refused } from "./hub.ts";
import type { Ledger, Plan, PlannedArtifact } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";
import { uploadPayload } from "./upload.ts";

export interface PushContext {
  readonly hub: Hub;
  readonly random: Random;
  readonly tally: Tally;
  readonly ledger: Ledger;
  readonly alone: boolean;
}

/** Runs of one push before it counts as broken. With leases of a second or two its bytes may be collected between two steps. */
const MAX_RUNS = 12;

/** From files to a published release, as a CI job does it: when bytes went missing on the way, the whole job runs again. */
export async function push(context: PushContext, plan: Plan): Promise<ReleaseDocument> {
  const { tally, ledger } = context;
  ledger.plan(plan);
  for (let run = 1; ; run++) {
    try {
      const release = await pushOnce(context, plan);
      const wrong = differences(plan, release);
      if (wrong !== undefined) tally.fail(`release ${release.id} (${plan.app} ${plan.version}) was acknowledged, but ${wrong}`);
      ledger.published({ ...plan, id: release.id });
      tally.count("pushes acknowledged");
      return release;
    } catch (error) {
      const isCollected = error instanceof Refused && error.code === "blob/missing";
      if (!isCollected || run === MAX_RUNS) throw error;
      tally.count("pushes run again: bytes were collected");
    }
  }
}

async function pushOnce(context: PushContext, { app, version, artifacts }: Plan): Promise<ReleaseDocument> {
  const { hub } = context;
  const releases = `/api/v1/apps/${app}/releases`;
  await bring(context, app, artifacts);
  const draft = await hub.call<ReleaseDocument>("POST", releases, { version });
  await hub.call<ReleaseDocument>("POST", `${releases}/${draft.id}/artifacts`, { artifacts: artifacts.map(attachRequest) });
  return hub.call<ReleaseDocument>("POST", `${releases}/${draft.id}/publish`);
}

/** Uploads what the server does not have. */
export async function bring(context: PushContext, app: string, artifacts: readonly PlannedArtifact[]): Promise<void> {
  const { hub, random, tally } = context;
  const distinct = [...new Map(artifacts.map((artifact) => [artifact.payload.sha256, artifact])).values()];
  const digests = distinct.map(({ payload }) => `sha256:${payload.sha256}`);
  const { have } = await hub.call<{ have: string[] }>("POST", `/api/v1/apps/${app}/have`, { digests });
  tally.count("files the server had", have.length);
  const missing = distinct.filter(({ payload }) => !have.includes(`sha256:${payload.sha256}`));
  await Promise.all(
    missing.map(({ payload, name }, index) =>
      uploadPayload({ ...context, random: random.fork(`${app}${name}${index}`) }, app, payload, name),
    ),
  );
}

function attachRequest({ name, platform, arch, variant, payload }: PlannedArtifact): Record<string, string> {
  return { name, platform, arch, variant, digest: `sha256:${payload.sha256}` };
}

/** What an answer about a release lacks or adds; undefined when it is what was planned. */
export function differences(plan: Plan, release: Pick<ReleaseDocument, "artifacts" | "version">): string | undefined {
  const planned = plan.artifacts.map(({ name, platform, arch, variant, payload }) =>
    [name, platform, arch, variant, payload.size, `sha256:${payload.sha256}`].join(" "),
  );
  const there = release.artifacts.map(({ name, platform, arch, variant, size, digest }) =>
    [name, platform, arch, variant, size, digest].join(" "),
  );
  const lacks = planned.filter((text) => !there.includes(text));
  const adds = there.filter((text) => !planned.includes(text));
  if (release.version !== plan.version) return `it is version ${release.version}`;
  return lacks.length + adds.length === 0 ? undefined : `it lacks [${lacks.join("; ")}] and adds [${adds.join("; ")}]`;
}
