import type { Arena } from "./arena.ts";
import { findLeftovers } from "./data-folder.ts";
import type { Server } from "./server-process.ts";
import type { Tally } from "./tally.ts";

/** Collections that have to have come by until nothing may be left over; a job starts once a second. */
const SWEEP_MS = 3000;
const STOP_MS = 15_000;

/**
 * The last judgement over a folder, with everybody gone: a fresh server, whose memory knows nothing, has everything that was ever
 * acknowledged; the garbage is collected; the server ends on request; the folder is sound.
 */
export async function finish(arena: Arena, server: Server | undefined, tally: Tally): Promise<void> {
  await arena.stop();
  await server?.child.kill();
  const last = arena.start();
  if ("ended" in (await last.listening)) {
    tally.fail(`the server does not start in the end, see ${arena.settings.log}`);
    return;
  }
  await arena.verify(last, true);
  await Bun.sleep(arena.settings.leaseSeconds * 1000 + SWEEP_MS);
  process.kill(last.child.pid, "SIGTERM");
  const late = setTimeout(() => void last.child.kill(), STOP_MS);
  const { code, signal } = await last.child.ended;
  clearTimeout(late);
  if (code !== 0) tally.fail(`the server ended with ${code ?? signal} when asked to stop`);
  await arena.check();
  for (const leftover of findLeftovers(arena.settings.data)) tally.fail(`left over: ${leftover}`);
}
