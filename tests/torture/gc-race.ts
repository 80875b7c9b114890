import { join } from "node:path";
import { type Arena, createArena } from "./arena.ts";
import { commandPath, runCommand } from "./child-process.ts";
import { countCollected } from "./data-folder.ts";
import { finish } from "./finish.ts";
import type { PartContext, PartResult } from "./part.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** Longer than any single step of the server takes on a busy machine: a lease that ends in the middle of a step says nothing about races. */
const LEASE_SECONDS = 2;
const MAX_DELAY_MICROSECONDS = 150_000;
const MAX_SLOW_MS = 6000;

/** Publishers that share digests against two collectors: the server's own, every second, and `distd gc` run beside it again and again. */
export async function runGcRace({ folder, random, tally, progress }: PartContext, seconds: number): Promise<PartResult> {
  const habits = { abandon: 0.6, again: 0.05, twins: 0.05, rollback: 0.02, yank: 0.02 };
  // Shared files come up again about when the last lease on them ends: that is when a collector and a publisher meet.
  const files = { shared: 400, fresh: 0.1, maxBytes: 64 * 1024, ripe: [LEASE_SECONDS * 1000 - 100, LEASE_SECONDS * 1000 + 1300] as const };
  const arena = await createArena({
    folder,
    data: join(folder, "data"),
    publishers: 8,
    readers: 1,
    leaseSeconds: LEASE_SECONDS,
    habits,
    files,
    random,
    tally,
  });
  const server = arena.start();
  if ("ended" in (await server.listening)) throw new Error(`the server does not start, see ${arena.settings.log}`);
  arena.door.open(arena.url);
  arena.admitCrowd();

  const until = performance.now() + seconds * 1000;
  const collectBeside = async (): Promise<void> => {
    while (performance.now() < until) {
      await collectOnce(arena, random, tally);
      await Bun.sleep(random.below(700));
    }
  };
  const judge = async (): Promise<void> => {
    while (performance.now() < until) {
      await Bun.sleep(5000);
      await arena.verify(server);
      progress(`${arena.ledger.releases.length} pushes, ${tally.failures.length} failures`);
    }
  };
  await Promise.all([collectBeside(), judge()]);
  const pushes = arena.ledger.releases.length;
  await finish(arena, server, tally);
  tally.count("blobs collected", countCollected(arena.settings.data));
  return { figures: { "pushes acknowledged a second": Math.round(pushes / seconds), "broken pushes": tally.broken.size } };
}

/**
 * One run of `distd gc`. Every other one removes files slowly, as on a busy disk, so that the other collector and the publishers overtake
 * it; there is always more to collect, so it is killed in the end, which it has to survive like everybody.
 */
async function collectOnce(arena: Arena, random: Random, tally: Tally): Promise<void> {
  const isSlow = random.chance(0.5) && Bun.which("strace") !== null;
  const command = [...(isSlow ? slowly(random) : []), commandPath("distd"), "gc", "--data", arena.settings.data, "--json"];
  const ran = await runCommand(command, { errors: arena.settings.log, ...(isSlow && { killAfterMs: MAX_SLOW_MS }) });
  tally.count(isSlow ? "runs of distd gc on a slow disk" : "runs of distd gc");
  if (ran.code === 0) tally.count("blobs collected by distd gc", (JSON.parse(ran.stdout) as { blobs: number }).blobs);
  else if (!isSlow || ran.signal !== "SIGKILL")
    tally.fail(`distd gc beside the server ended with ${ran.code ?? ran.signal}: ${ran.stdout.slice(0, 300)}`);
}

/** Each removal of a file takes a while. The tracer is a grandchild (-D), so that the process we start and kill is the collector itself. */
function slowly(random: Random): string[] {
  const removal = "unlink,unlinkat";
  const delay = 20_000 + random.below(MAX_DELAY_MICROSECONDS);
  return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${removal}`, "-e", `inject=${removal}:delay_enter=${delay}`];
}
