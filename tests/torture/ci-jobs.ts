import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PublishDocument, ReleaseDocument } from "@distd/core/wire";
import type { Arena } from "./arena.ts";
import { commandPath, type Ended, runCommand } from "./child-process.ts";
import { createHub } from "./hub.ts";
import { coordinate } from "./file-pool.ts";
import type { Plan } from "./ledger.ts";
import { median } from "./part.ts";
import { createPayload, payloadBytes, randomSize } from "./payload.ts";
import { differences } from "./push.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

export interface CiJobsContext {
  /** For manifests and the files they name. */
  readonly folder: string;
  readonly random: Random;
  readonly tally: Tally;
}

const SINGLE = "ci-single";
const MATRIX = "ci-matrix";
const PARTS = ["linux", "macos", "windows"];
const MAX_BYTES = 2 * 1024 * 1024;
/** Runs of one job until it has to have worked. */
const MAX_RUNS = 25;
const PAUSE_MS = 400;
const MIN_MATRICES = 2;

type Run = Ended & { stdout: string };

/** The real `dist ci publish` beside the crowd, killed at random and run again, as one job and as three jobs of one release. */
export function runCiJobs(arena: Arena, { folder, random, tally }: CiJobsContext): { stop(): Promise<void> } {
  let stopping = false;
  let matrices = 0;
  let version = 0;
  const lastedMs: number[] = [300];
  const hub = createHub({ door: arena.door, token: arena.settings.adminToken, tally });

  const makeRelease = (app: string, files: number, parts: boolean): Plan => {
    const plan: Plan = {
      app,
      version: `1.0.${++version}`,
      artifacts: Array.from({ length: files }, (_, index) => {
        const payload = createPayload(`${app}-${version}-${index}`, randomSize(random, MAX_BYTES));
        return { name: `${payload.key}.bin`, payload, ...coordinate(index) };
      }),
    };
    mkdirSync(join(folder, app, plan.version), { recursive: true });
    const artifacts = plan.artifacts.map(({ name, platform, arch, variant, payload }) => {
      writeFileSync(join(folder, app, plan.version, name), payloadBytes(payload));
      return { path: name, platform, arch, variant };
    });
    const manifest = { app, version: plan.version, channel: "stable", artifacts, ...(parts && { parts: PARTS }) };
    writeFileSync(join(folder, app, plan.version, "dist.json"), JSON.stringify(manifest));
    arena.ledger.plan(plan);
    return plan;
  };

  const runOnce = async (plan: Plan, part: string | undefined, mayKill: boolean): Promise<Run> => {
    const cwd = join(folder, plan.app, plan.version);
    const env = { HOME: folder, DIST_SERVER: arena.url, DIST_TOKEN: arena.settings.adminToken };
    const command = [
      commandPath("dist"),
      "ci",
      "publish",
      "--manifest",
      "dist.json",
      "--json",
      ...(part === undefined ? [] : ["--part", part]),
    ];
    const kill = mayKill && random.chance(0.5) ? { killAfterMs: Math.ceil(random.fraction() * 2 * median(lastedMs)) } : {};
    const started = performance.now();
    const ran = await runCommand(command, { cwd, env, errors: join(folder, "dist.log"), ...kill });
    tally.count("runs of dist");
    if (ran.signal === "SIGKILL") tally.count("kills of dist");
    else lastedMs.push(performance.now() - started);
    return ran;
  };

  /** Runs a job until it ends by itself in a way that counts. */
  const runJob = async (plan: Plan, part: string | undefined, accepted: readonly number[], mayKill: boolean): Promise<Run | undefined> => {
    for (let run = 1; run <= MAX_RUNS; run++) {
      const ran = await runOnce(plan, part, mayKill && run < MAX_RUNS / 2);
      if (ran.code !== null && accepted.includes(ran.code)) return ran;
      if (ran.signal !== "SIGKILL" && !isWorthAnotherRun(ran)) {
        tally.fail(
          `dist ci publish ${plan.app} ${plan.version} ${part ?? ""} ended with ${ran.code ?? ran.signal}: ${reasonIn(ran.stdout)}`,
        );
        return undefined;
      }
      if (ran.signal !== "SIGKILL") tally.count("runs of dist that had to be repeated");
    }
    tally.fail(`dist ci publish ${plan.app} ${plan.version} ${part ?? ""} did not work within ${MAX_RUNS} runs`);
    return undefined;
  };

  /** Enters what the answer says into the ledger and returns the release's id. */
  const acknowledge = (plan: Plan, { stdout }: Run): string => {
    const { release, channel, artifacts } = JSON.parse(stdout) as PublishDocument;
    const files = artifacts.map((artifact) => ({ ...artifact, name: artifact.path, install: null }));
    const wrong = differences(plan, { version: release.version, artifacts: files });
    if (wrong !== undefined) tally.fail(`dist was told that ${plan.app} ${plan.version} is published, but ${wrong}`);
    arena.ledger.published({ ...plan, id: release.id });
    const heads = Object.fromEntries(Object.entries(channel?.targets ?? {}).map(([target, head]) => [target, head.release]));
    if (channel) arena.ledger.moved({ app: plan.app, channel: channel.name, sequence: channel.sequence, heads });
    return release.id;
  };

  const single = async (): Promise<void> => {
    const plan = makeRelease(SINGLE, 1 + random.below(3), false);
    const ran = await runJob(plan, undefined, [0], true);
    if (ran) acknowledge(plan, ran);
    tally.count("releases by dist");
  };

  /** Three jobs, killed and run again; 3 says that other parts are missing. Then all three once more: every one must name the same release. */
  const matrix = async (): Promise<void> => {
    const plan = makeRelease(MATRIX, 6, true);
    await Promise.all(PARTS.map((part) => runJob(plan, part, [0, 3], true)));
    const again = await Promise.all(PARTS.map((part) => runJob(plan, part, [0], false)));
    const ids = again.map((ran) => (ran ? acknowledge(plan, ran) : "none"));
    if (new Set(ids).size !== 1) tally.fail(`the three jobs of ${plan.app} ${plan.version} ended with ${ids.join(", ")}`);
    const { releases } = await hub.call<{ releases: ReleaseDocument[] }>("GET", `/api/v1/apps/${MATRIX}/releases?limit=20`);
    const published = releases.filter((release) => release.version === plan.version && release.status === "published");
    if (published.length !== 1 || published[0]?.revision !== 1) {
      tally.fail(
        `${plan.app} ${plan.version} was published ${published.length} times: ${published.map(({ id, revision }) => `${id} revision ${revision}`).join(", ")}`,
      );
    }
    matrices += 1;
    tally.count("releases by three jobs of dist");
  };

  const work = async (): Promise<void> => {
    while (!stopping || matrices < MIN_MATRICES) {
      await (random.chance(0.4) || stopping ? matrix() : single());
      rmSync(join(folder, SINGLE), { recursive: true, force: true });
      rmSync(join(folder, MATRIX), { recursive: true, force: true });
      await Bun.sleep(random.below(PAUSE_MS));
    }
  };
  mkdirSync(folder, { recursive: true });
  const working = work().catch((error: unknown) => tally.fail(`the jobs of dist: ${String(error)}`));
  return {
    async stop() {
      stopping = true;
      await working;
    },
  };
}

/** What a pipeline runs again: the server was away, another run was still at the upload, or bytes were collected under leases of seconds. */
const worthAnotherRun: Readonly<Record<number, readonly string[]>> = {
  30: ["network/unreachable"],
  31: ["server/unavailable", "server/failed"],
  11: ["upload/busy", "upload/offset-mismatch"],
  10: ["blob/missing", "upload/not-found"],
};

function isWorthAnotherRun({ code, stdout }: Run): boolean {
  // Published, but the server was gone when it came to promoting: the answer says so only in words.
  if (code === 3 && /"not promoted to /.test(stdout)) return true;
  return (worthAnotherRun[code ?? 0] ?? []).some((reason) => stdout.includes(`"${reason}"`));
}

/** The sentence of a problem, or the beginning of whatever came instead. */
function reasonIn(stdout: string): string {
  const [, detail] = /"detail": "(.*?)",?\n/.exec(stdout) ?? [];
  return detail ?? stdout.slice(0, 400);
}
