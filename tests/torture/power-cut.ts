import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Arena, createArena } from "./arena.ts";
import { createControl } from "./cut-control.ts";
import { type CutDisk, createCutDisk, missingForCuts } from "./cut-disk.ts";
import { findLeftovers } from "./data-folder.ts";
import { median, type PartContext, type PartResult, quantile } from "./part.ts";
import type { Random } from "./random.ts";

/** Cuts that one file system lives through. The first of them meets a server that is just being set up. */
const CUTS_A_DISK = 10;
const MAX_LIFE_MS = 900;

/** The power fails under a working server, again and again. Only what was flushed is left; all that was acknowledged has to be in it. */
export async function runPowerCuts(context: PartContext, cuts: number): Promise<PartResult> {
  const skipped = missingForCuts();
  if (skipped !== undefined) return { figures: {}, skipped };
  const { folder, random, tally, progress } = context;
  const control = createControl(join(folder, "control"));
  const cycleMs: number[] = [];
  for (let cut = 1, disk = 1; cut <= cuts; disk++) {
    const own = join(folder, `disk-${disk}`);
    const platter = await createCutDisk(own);
    const arena = await openArena(context, own, platter.path, random.fork(`disk-${disk}`));
    const failuresBefore = tally.failures.length;
    try {
      for (let life = 1; life <= CUTS_A_DISK && cut <= cuts; life++, cut++) {
        const started = performance.now();
        await platter.mount();
        if (life > 1) control.judge(platter.path, tally);
        await liveAndDie(context, arena, platter, { life, control, lifeMs: lifeOf(life, random) });
        cycleMs.push(performance.now() - started);
        if (cut % 10 === 0) progress(`${cut} cuts, ${arena.ledger.releases.length} pushes on this disk, ${tally.failures.length} failures`);
      }
      await platter.mount();
      control.judge(platter.path, tally);
      await judge(arena, { tally, isLast: true });
    } finally {
      await arena.stop();
      await platter.cut();
      await platter.clear();
      // A disk on which something was lost is evidence.
      if (tally.failures.length === failuresBefore) await platter.remove();
      else progress(`kept for inspection: ${own}`);
    }
  }
  return { figures: { "cut to cut, median (ms)": Math.round(median(cycleMs)), "cut to cut, p99 (ms)": Math.round(quantile(cycleMs, 0.99)), ...control.figures() } };
}

/** Young disks die young: the first moments, when keys and tables are made, are like no others. */
function lifeOf(life: number, random: Random): number {
  return life === 1 ? random.fraction() * 300 : 20 + random.fraction() * MAX_LIFE_MS;
}

function openArena({ tally }: PartContext, own: string, disk: string, random: Random): Promise<Arena> {
  const habits = { abandon: 0.15, again: 0.1, twins: 0.05, rollback: 0.12, yank: 0.05 };
  const files = { shared: 40, fresh: 0.7, maxBytes: 1024 * 1024 };
  mkdirSync(join(own, "rig"), { recursive: true });
  return createArena({ folder: join(own, "rig"), data: join(disk, "data"), publishers: 4, readers: 1, leaseSeconds: 2, habits, files, random, tally });
}

interface Life {
  readonly life: number;
  readonly lifeMs: number;
  readonly control: ReturnType<typeof createControl>;
}

async function liveAndDie({ tally }: PartContext, arena: Arena, platter: CutDisk, { life, lifeMs, control }: Life): Promise<void> {
  if (life > 1) await arena.check();
  const server = arena.start();
  const word = server.listening;
  if (life === 1) {
    arena.admitCrowd();
    void word.then((said) => void ("url" in said && arena.door.open(arena.url)));
  } else {
    if ("ended" in (await word)) tally.fail("the server does not start after a power cut");
    await arena.verify(server, true);
    arena.door.open(arena.url);
  }
  await Bun.sleep(lifeMs);
  control.write(platter.path);
  if (arena.door.underWay > 0) tally.count("cuts with requests under way");
  arena.door.breakDisk();
  await platter.cut();
  // The server outlives its disk for a moment, as machines do: what it acknowledges now has to be there as well.
  await Bun.sleep(10);
  await server.child.kill();
  arena.door.close();
  await platter.clear();
  tally.count("power cuts");
}

async function judge(arena: Arena, { tally, isLast }: { tally: PartContext["tally"]; isLast: boolean }): Promise<void> {
  await arena.check();
  const server = arena.start();
  if ("ended" in (await server.listening)) tally.fail("the server does not start after a power cut");
  await arena.verify(server, true);
  if (isLast) await Bun.sleep(0);
  await server.child.kill();
  void findLeftovers;
}
