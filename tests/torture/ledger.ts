import { closeSync, openSync, writeSync } from "node:fs";
import type { Payload } from "./payload.ts";

/** A file of a release, as its publisher means it. */
export interface PlannedArtifact {
  readonly name: string;
  readonly platform: string;
  readonly arch: string;
  readonly variant: string;
  readonly payload: Payload;
}

export interface Plan {
  readonly app: string;
  readonly version: string;
  readonly artifacts: readonly PlannedArtifact[];
}

export interface AckedRelease extends Plan {
  readonly id: string;
}

export interface AckedMove {
  readonly app: string;
  readonly channel: string;
  readonly sequence: number;
  /** Target → release id, as the answer said. */
  readonly heads: Readonly<Record<string, string>>;
}

/** What the server acknowledged. Kept by the rig, on another disk than the server's, and only written when an answer was read whole. */
export interface Ledger {
  readonly releases: readonly AckedRelease[];
  readonly moves: readonly AckedMove[];
  readonly yanked: ReadonlySet<string>;
  /** Said before publishing, so that a reader can judge what it sees before its publisher has the answer. */
  plan(plan: Plan): void;
  planOf(app: string, version: string): Plan | undefined;
  published(release: AckedRelease): void;
  moved(move: AckedMove): void;
  withdrawn(release: string): void;
  /** The highest sequence anybody was told of; 0 when none. */
  highest(app: string, channel: string): number;
  /** A sequence that a reader saw: it must not fall behind that either. */
  seen(app: string, channel: string, sequence: number): void;
  channels(): { app: string; channel: string }[];
  close(): void;
}

export function createLedger(path: string): Ledger {
  const file = openSync(path, "a");
  const releases: AckedRelease[] = [];
  const moves: AckedMove[] = [];
  const yanked = new Set<string>();
  const plans = new Map<string, Plan>();
  const highest = new Map<string, number>();
  const write = (kind: string, entry: unknown): void => void writeSync(file, `${JSON.stringify({ kind, entry })}\n`);
  const raise = (app: string, channel: string, sequence: number): void => {
    const key = `${app}/${channel}`;
    highest.set(key, Math.max(highest.get(key) ?? 0, sequence));
  };
  return {
    releases,
    moves,
    yanked,
    plan(plan) {
      plans.set(`${plan.app}@${plan.version}`, plan);
      write("plan", plan);
    },
    planOf: (app, version) => plans.get(`${app}@${version}`),
    published(release) {
      releases.push(release);
      write("published", { app: release.app, version: release.version, id: release.id });
    },
    moved(move) {
      moves.push(move);
      raise(move.app, move.channel, move.sequence);
      write("moved", move);
    },
    withdrawn(release) {
      yanked.add(release);
      write("withdrawn", release);
    },
    highest: (app, channel) => highest.get(`${app}/${channel}`) ?? 0,
    seen: raise,
    channels: () =>
      [...highest.keys()].map((key) => {
        const [app = "", channel = ""] = key.split("/");
        return { app, channel };
      }),
    close: () => closeSync(file),
  };
}
