import { join } from "node:path";
import { type Arena, createArena } from "./arena.ts";
import { commandPath, startChild } from "./child-process.ts";
import { runCiJobs } from "./ci-jobs.ts";
import { finish } from "./finish.ts";
import { median, type PartContext, type PartResult, quantile } from "./part.ts";
import type { Random } from "./random.ts";
import type { Server } from "./server-process.ts";
import type { Tally } from "./tally.ts";

/** Pushes measured before the killing begins: their median says how long to wait for a kill. */
const WARM_UP_PUSHES = 40;
const WARM_UP_MS = 30_000;
const CHECK_EVERY = 20;
const VERIFY_ALL_EVERY = 100;
/** Within this the server has started. */
const START_MS = 130;
/** The first collection comes a second after the start, of which some went into looking at the server. */
const COLLECTION_MS = 940;
const COLLECTION_SPAN_MS = 160;

/** When a server is killed: while it starts, in the middle of requests, or around a garbage collection, which begins a second after the start. */
type Moment = "starting" | "working" | "collecting";

/** SIGKILL at random moments, under load, and after each the question whether everything acknowledged is still there. */
export async function runKills({ folder, random, tally, progress }: PartContext, kills: number): Promise<PartResult> {
  const habits = { abandon: 0.25, again: 0.1, twins: 0.06, rollback: 0.1, yank: 0.04 };
  const files = { shared: 60, fresh: 0.5, maxBytes: 3 * 1024 * 1024 };
  const arena = await createArena({
    folder,
    data: join(folder, "data"),
    publishers: 4,
    readers: 1,
    leaseSeconds: 2,
    habits,
    files,
    random,
    tally,
  });
  arena.admitCrowd();
  const medianMs = await warmUp(arena);
  const jobs = runCiJobs(arena, { folder: join(folder, "jobs"), random: random.fork("jobs"), tally });

  const downMs: number[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    const moment = momentOf(random.fraction());
    const server = arena.start();
    if (moment === "starting") {
      await Bun.sleep(random.fraction() * START_MS);
    } else {
      const started = performance.now();
      if (!(await listens(arena, server))) tally.fail(`the server did not come back after kill ${kill - 1}`);
      downMs.push(performance.now() - started);
      await arena.verify(server, kill % VERIFY_ALL_EVERY === 0);
      arena.door.open(arena.url);
      await Bun.sleep(moment === "working" ? random.fraction() * 2 * medianMs : COLLECTION_MS + random.fraction() * COLLECTION_SPAN_MS);
    }
    tally.count(`kills while ${moment}`);
    await killServer(arena, server, random, tally);
    if (kill % CHECK_EVERY === 0) await arena.check();
    if (kill % 50 === 0) progress(`${kill} kills, ${arena.ledger.releases.length} pushes, ${tally.failures.length} failures`);
  }
  const server = await reopen(arena);
  await jobs.stop();
  await finish(arena, server, tally);
  return {
    figures: {
      "median push (ms)": Math.round(medianMs),
      "restart to first answer, median (ms)": Math.round(median(downMs)),
      "restart to first answer, p99 (ms)": Math.round(quantile(downMs, 0.99)),
    },
  };
}

/** Now and then `distd gc` works beside the server and dies with it. */
async function killServer(arena: Arena, server: Server, random: Random, tally: Tally): Promise<void> {
  const collect = [commandPath("distd"), "gc", "--data", arena.settings.data];
  const helper = random.chance(0.05) ? startChild(collect, { errors: arena.settings.log }) : undefined;
  if (helper) await Bun.sleep(random.fraction() * START_MS);
  if (arena.door.underWay > 0) tally.count("kills with requests under way");
  const { code, signal } = await server.child.kill();
  arena.door.close();
  await helper?.kill();
  if (signal !== "SIGKILL") tally.fail(`the server ended by itself, with ${code ?? signal}`);
  tally.count("kills of distd");
  if (helper) tally.count("kills of distd gc beside the server");
}

function momentOf(draw: number): Moment {
  if (draw < 0.1) return "starting";
  return draw < 0.22 ? "collecting" : "working";
}

async function warmUp(arena: Arena): Promise<number> {
  const server = await reopen(arena);
  const until = performance.now() + WARM_UP_MS;
  while (arena.pushMs.length < WARM_UP_PUSHES && performance.now() < until) await Bun.sleep(10);
  await server.child.kill();
  arena.door.close();
  return median(arena.pushMs);
}

async function listens(arena: Arena, server: Server): Promise<boolean> {
  const word = await server.listening;
  return "url" in word && word.url === arena.url;
}

async function reopen(arena: Arena): Promise<Server> {
  const server = arena.start();
  if (!(await listens(arena, server))) throw new Error(`the server does not start, see ${arena.settings.log}`);
  arena.door.open(arena.url);
  return server;
}
