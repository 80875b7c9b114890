import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "./child-process.ts";
import { createDoor, type Door } from "./door.ts";
import { createFilePool, type FilePoolOptions } from "./file-pool.ts";
import { createHub, type Hub } from "./hub.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type Habits, runPublisher } from "./publisher.ts";
import type { Random } from "./random.ts";
import { runReader } from "./reader.ts";
import { checkData, findPort, type Server, type ServerSettings, startServer } from "./server-process.ts";
import type { Tally } from "./tally.ts";
import { type Verifying, verifyChannels, verifyMoves, verifyReleases } from "./verify.ts";

export interface ArenaOptions {
  /** For the ledger and logs; not on the server's disk when that is going to be cut. */
  readonly folder: string;
  readonly data: string;
  readonly publishers: number;
  readonly readers: number;
  readonly leaseSeconds: number;
  readonly habits: Habits;
  readonly files: Omit<FilePoolOptions, "name">;
  readonly random: Random;
  readonly tally: Tally;
}

/** One data folder with a server that dies and comes back, the crowd that works with it, and the ledger of what the crowd was told. */
export interface Arena {
  readonly settings: ServerSettings;
  readonly url: string;
  readonly door: Door;
  readonly ledger: Ledger;
  readonly pushMs: number[];
  start(env?: Record<string, string>): Server;
  /** Kills the server that was started last, if it lives. */
  endServer(): Promise<Ended | undefined>;
  /** Publishers and readers begin; they wait whenever the door is closed. */
  admitCrowd(): void;
  /** What was acknowledged since the last time, and some of the rest; `everything` for all of it. */
  verify(running: Server, everything?: boolean): Promise<void>;
  /** `distd check --read-data` on the folder. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

/** Releases from before that are looked at again each time. */
const OLD_RELEASES = 4;

export async function createArena(options: ArenaOptions): Promise<Arena> {
  const { folder, data, random, tally } = options;
  mkdirSync(folder, { recursive: true });
  const adminToken = "torture-rig-admin-".padEnd(40, "0");
  const settings: ServerSettings = {
    data,
    port: await findPort(),
    adminToken,
    leaseSeconds: options.leaseSeconds,
    gcSeconds: 1,
    log: join(folder, "server.log"),
  };
  const url = `http://127.0.0.1:${settings.port}`;
  const ledger = createLedger(join(folder, "ledger.jsonl"));
  const door = createDoor();
  const pushMs: number[] = [];
  const crowd: Promise<void>[] = [];
  let server: Server | undefined;
  let verified = { releases: 0, moves: 0 };

  const hubFor = (token: string): Hub => createHub({ door, token, tally });
  return {
    settings,
    url,
    door,
    ledger,
    pushMs,
    start(env) {
      server = startServer(settings, env);
      return server;
    },
    endServer: async () => server?.child.kill(),
    admitCrowd() {
      const files = createFilePool(random.fork("files"), { ...options.files, name: "file" });
      const apps = Array.from({ length: options.publishers }, (_, index) => `app-${index}`);
      const shared = {
        admin: hubFor(adminToken),
        hubFor,
        files,
        habits: options.habits,
        tally,
        ledger,
        onPush: (ms: number) => void pushMs.push(ms),
      };
      for (const app of apps) crowd.push(runPublisher({ ...shared, app, random: random.fork(app) }));
      for (let index = 0; index < options.readers; index++) {
        crowd.push(runReader({ hub: hubFor(adminToken), apps, random: random.fork(`reader-${index}`), ledger, tally, pauseMs: 40 }));
      }
    },
    async verify(running, everything = false) {
      const own = createDoor();
      own.open(url);
      void running.child.ended.then(() => own.stop());
      const context: Verifying = { hub: createHub({ door: own, token: adminToken, tally }), ledger, tally };
      const until = { releases: ledger.releases.length, moves: ledger.moves.length };
      const old = everything
        ? ledger.releases.slice(0, verified.releases)
        : someOf(ledger.releases.slice(0, verified.releases), OLD_RELEASES, random);
      const moves = everything ? ledger.moves.slice(0, until.moves) : ledger.moves.slice(verified.moves, until.moves);
      await Promise.all([
        verifyReleases(context, [...old, ...ledger.releases.slice(verified.releases, until.releases)]),
        verifyChannels(context),
        verifyMoves(context, moves),
      ]);
      verified = until;
    },
    async check() {
      const { problems, strays } = await checkData(settings);
      for (const problem of problems) tally.fail(`distd check: ${problem}`);
      tally.count("distd check --read-data runs");
      tally.counts["stray files at the last check"] = strays;
    },
    async stop() {
      if (door.stopped) return;
      door.stop();
      await Promise.all(crowd);
      ledger.close();
    },
  };
}

function someOf<T>(items: readonly T[], count: number, random: Random): T[] {
  return items.length === 0 ? [] : Array.from({ length: count }, () => random.pick(items));
}
