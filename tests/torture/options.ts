import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

export const PARTS = ["kills", "points", "cuts", "gc"] as const;
export type PartName = (typeof PARTS)[number];

export interface Options {
  readonly seed: string;
  readonly parts: readonly PartName[];
  readonly kills: number;
  readonly cuts: number;
  /** Passages of each crash point that are tried. */
  readonly passages: number;
  readonly gcSeconds: number;
  readonly json: string | undefined;
  readonly page: string | undefined;
  /** Leave the run's folder in place. */
  readonly keep: boolean;
}

export const USAGE = `npm run torture -- [--kills N] [--cuts N] [--points N] [--gc-seconds N] [--full] [--only kills|points|cuts|gc]
                   [--seed TEXT] [--json FILE] [--page FILE] [--keep]

  --full   1000 kills, 100 power cuts, every crash point at its passages 1 to 3 and a later one, 180 s of collections
  --only   one part; may be given again
  --json   the results, --page the same for people
  --keep   do not remove the folder with data, logs and ledgers
`;

const SMALL = { kills: 40, cuts: 4, points: 1, "gc-seconds": 10 };
const FULL = { kills: 1000, cuts: 100, points: 3, "gc-seconds": 180 };

export function parseOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: text,
      cuts: text,
      points: text,
      "gc-seconds": text,
      full: flag,
      keep: flag,
      seed: text,
      json: text,
      page: text,
      only: { type: "string", multiple: true },
    },
  });
  const number = (name: keyof typeof SMALL): number => {
    const given = values[name];
    const value = given === undefined ? (values.full === true ? FULL : SMALL)[name] : Number(given);
    if (!Number.isInteger(value) || value < 1 || value > 1_000_000) throw new Error(`--${name} is '${given}', not a whole number from 1`);
    return value;
  };
  const only = values.only ?? PARTS;
  for (const name of only)
    if (!(PARTS as readonly string[]).includes(name)) throw new Error(`--only is '${name}', not one of ${PARTS.join(", ")}`);
  return {
    seed: values.seed ?? randomBytes(4).toString("hex"),
    parts: PARTS.filter((name) => only.includes(name)),
    kills: number("kills"),
    cuts: number("cuts"),
    passages: number("points"),
    gcSeconds: number("gc-seconds"),
    json: values.json,
    page: values.page,
    keep: values.keep === true,
  };
}
