import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Arena, createArena } from "./arena.ts";
import { type CutControl, createControl } from "./cut-control.ts";
import { type CutDisk, createCutDisk, missingForCuts } from "./cut-disk.ts";
import { findLostWrites } from "./lying-disk.ts";
import { finish } from "./finish.ts";
import { median, type PartContext, type PartResult, quantile } from "./part.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** Cuts that one file system lives through. The first of them meets a server that is just being set up. */
const CUTS_A_DISK = 10;
const YOUNG_LIFE_MS = 300;
const MAX_LIFE_MS = 900;
/** The server outlives its disk for a moment, as machines do: what it acknowledges then has to be there as well. */
const AFTERLIFE_MS = 10;

/** The power fails under a working server, again and again. Only what was flushed is left; all that was acknowledged has to be in it. */
export async function runPowerCuts({ folder, random, tally, progress }: PartContext, cuts: number): Promise<PartResult> {
  const skipped = missingForCuts();
  if (skipped !== undefined) return { figures: {}, skipped };
  const control = createControl();
  const cycleMs: number[] = [];
  for (let cut = 0, disk = 1; cut < cuts; disk++) {
    const own = join(folder, `disk-${disk}`);
    const platter = await createCutDisk(own);
    const arena = await openArena(join(folder, `rig-${disk}`), platter.path, random.fork(`disk-${disk}`), tally);
    const failuresBefore = tally.failures.length;
    try {
      for (let life = 1; life <= CUTS_A_DISK && cut < cuts; life++, cut++) {
        const started = performance.now();
        await platter.mount();
        control.judge(platter.path, tally);
        await (life === 1 ? bringUp(arena) : bringBack(arena, tally));
        await Bun.sleep(life === 1 ? random.fraction() * YOUNG_LIFE_MS : 20 + random.fraction() * MAX_LIFE_MS);
        await cutPower(arena, platter, control, tally);
        cycleMs.push(performance.now() - started);
      }
      await platter.mount();
      control.judge(platter.path, tally);
      await finish(arena, undefined, tally);
    } finally {
      await arena.stop();
      await arena.endServer();
      await platter.cut();
      await platter.clear();
      // A disk on which something was lost is evidence.
      if (tally.failures.length === failuresBefore) platter.remove();
      else progress(`kept: ${own}`);
    }
    progress(`${cut} cuts, ${arena.ledger.releases.length} pushes on the last disk, ${tally.failures.length} failures`);
  }
  const oracle = await findLostWrites(join(folder, "lying"), random.fork("lying"), tally);
  if (!control.losesWrites()) tally.fail("the rig does not lose writes that were never flushed: it proves nothing");
  return {
    figures: {
      "cut to cut, median (ms)": Math.round(median(cycleMs)),
      "cut to cut, p99 (ms)": Math.round(quantile(cycleMs, 0.99)),
      ...control.figures(),
      "oracle, on a disk that ignores flushes": oracle,
    },
  };
}

function openArena(folder: string, disk: string, random: Random, tally: Tally): Promise<Arena> {
  const habits = { abandon: 0.15, again: 0.1, twins: 0.05, rollback: 0.12, yank: 0.05 };
  const files = { shared: 40, fresh: 0.7, maxBytes: 1024 * 1024 };
  return createArena({ folder, data: join(disk, "data"), publishers: 4, readers: 1, leaseSeconds: 2, habits, files, random, tally });
}

/** The first start on an empty disk. Nobody waits for it, so the cut may come before it is done. */
async function bringUp(arena: Arena): Promise<void> {
  arena.admitCrowd();
  const server = arena.start();
  void server.listening.then((word) => void ("url" in word && arena.door.open(word.url)));
}

async function bringBack(arena: Arena, tally: Tally): Promise<void> {
  if (existsSync(join(arena.settings.data, "distd.sqlite"))) await arena.check();
  else if (arena.door.everAnswered) tally.fail("a server that had answered has no database after the cut");
  else tally.count("cuts before the server had said anything");
  const server = arena.start();
  if ("ended" in (await server.listening)) {
    tally.fail(`the server does not start after a power cut, see ${arena.settings.log}`);
    return;
  }
  await arena.verify(server, true);
  arena.door.open(arena.url);
}

async function cutPower(arena: Arena, platter: CutDisk, control: CutControl, tally: Tally): Promise<void> {
  control.write(platter.path);
  if (arena.door.underWay > 0) tally.count("cuts with requests under way");
  arena.door.breakDisk();
  await platter.cut();
  await Bun.sleep(AFTERLIFE_MS);
  await arena.endServer();
  arena.door.close();
  await platter.clear();
  tally.count("power cuts");
}
