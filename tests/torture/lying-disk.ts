import { join } from "node:path";
import { createArena } from "./arena.ts";
import { createCutDisk } from "./cut-disk.ts";
import type { Random } from "./random.ts";
import { createTally, type Tally } from "./tally.ts";

const PUSHES = 10;
const WAIT_MS = 30_000;

/**
 * Proves that the oracle sees losses: the same crowd and the same cut on a disk that ignores flushes must end in failures. Returns what
 * was seen, for the result; seeing nothing is a failure of the rig.
 */
export async function findLostWrites(folder: string, random: Random, tally: Tally): Promise<string> {
  const disk = await createCutDisk(join(folder, "disk"));
  const seen = createTally("lying disk", { quiet: true });
  const habits = { abandon: 0, again: 0, twins: 0, rollback: 0.1, yank: 0 };
  const files = { shared: 20, fresh: 0.9, maxBytes: 64 * 1024 };
  const options = { publishers: 2, readers: 0, leaseSeconds: 60, habits, files, random, tally: seen };
  const arena = await createArena({ ...options, folder: join(folder, "rig"), data: join(disk.path, "data") });
  const live = async (lies: boolean): Promise<void> => {
    await disk.mount({ lies });
    const server = arena.start();
    if ("ended" in (await server.listening)) throw new Error("the server does not start on the control's disk");
    if (arena.ledger.releases.length === 0) arena.admitCrowd();
    arena.door.open(arena.url);
    const wanted = arena.ledger.releases.length + PUSHES;
    const until = performance.now() + WAIT_MS;
    while (arena.ledger.releases.length < wanted && performance.now() < until) await Bun.sleep(5);
    arena.door.breakDisk();
    await disk.cut();
    await arena.endServer();
    arena.door.close();
    await disk.clear();
  };
  try {
    await live(false);
    if (seen.failures.length > 0) tally.fail(`on the control's honest disk: ${seen.failures[0]}`);
    await live(true);
    await arena.stop();
    const acked = arena.ledger.releases.length + arena.ledger.moves.length;
    await disk.mount();
    const server = arena.start();
    if ("url" in (await server.listening)) await arena.verify(server, true);
    await arena.endServer();
    if (seen.failures.length === 0) tally.fail("a disk that ignores flushes lost nothing that the oracle saw: it proves nothing");
    return `${seen.failures.length} losses found among ${acked} acknowledged operations`;
  } finally {
    await arena.stop();
    await arena.endServer();
    await disk.cut();
    await disk.clear();
    disk.remove();
  }
}
