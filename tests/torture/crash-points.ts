import { join } from "node:path";
import { CRASH_POINTS } from "../../packages/server/src/crash-point.ts";
import { createArena } from "./arena.ts";
import { finish } from "./finish.ts";
import type { PartContext, PartResult } from "./part.ts";

/** The slowest points need several garbage collections, one a second, each with something to collect. */
const HIT_MS = 30_000;

/** Every named place where a crash is worth trying, at its first passages and at a later one: the server has to die there by itself. */
export async function runCrashPoints({ folder, random, tally, progress }: PartContext, passages: number): Promise<PartResult> {
  const habits = { abandon: 0.4, again: 0.1, twins: 0.05, rollback: 0.1, yank: 0.05 };
  const files = { shared: 40, fresh: 0.6, maxBytes: 1024 * 1024 };
  const arena = await createArena({
    folder,
    data: join(folder, "data"),
    publishers: 3,
    readers: 1,
    leaseSeconds: 1,
    habits,
    files,
    random,
    tally,
  });
  arena.admitCrowd();
  const hits: Record<string, string> = {};
  for (const name of CRASH_POINTS) {
    const times = [
      ...Array.from({ length: passages }, (_, index) => index + 1),
      ...(passages > 1 && !name.startsWith("blobs-") && name !== "blob-removed" ? [4 + random.below(60)] : []),
    ];
    const hit: number[] = [];
    for (const k of times) {
      const server = arena.start({ DISTD_CRASH_AT: `${name}:${k}` });
      const word = await server.listening;
      if ("url" in word) arena.door.open(arena.url);
      const ended = await Promise.race([server.child.ended, Bun.sleep(HIT_MS)]);
      if (!ended) {
        tally.fail(`the crash point ${name} was not passed ${k} times within ${HIT_MS} ms`);
        await server.child.kill();
      } else if (ended.signal === "SIGKILL") {
        hit.push(k);
        tally.count("crash points hit");
      } else {
        tally.fail(`at the crash point ${name}:${k} the server ended with ${ended.code ?? ended.signal}`);
      }
      arena.door.close();
      await arena.check();
      const again = arena.start();
      if ("ended" in (await again.listening)) tally.fail(`the server does not start after a crash at ${name}:${k}`);
      await arena.verify(again);
      await again.child.kill();
    }
    hits[name] = `hit at passage ${hit.join(", ")}`;
    progress(`${name}: ${hits[name]}`);
  }
  await finish(arena, undefined, tally);
  return { figures: hits };
}
