import type { PlannedArtifact } from "./ledger.ts";
import { createPayload, type Payload, randomSize } from "./payload.ts";
import type { Random } from "./random.ts";

export interface FilePoolOptions {
  readonly name: string;
  /** Files that publishers have in common at any time. */
  readonly shared: number;
  /** Share of files that nobody else has. */
  readonly fresh: number;
  readonly maxBytes: number;
  /** Prefers shared files that were last touched this long ago (milliseconds, from and to): about when their leases end. */
  readonly ripe?: readonly [number, number];
}

interface SharedFile {
  readonly payload: Payload;
  touches: number;
  touchedAt: number;
}

/** A file that a release holds is never garbage again, so every shared file gives way to a new one after a while. */
const MAX_TOUCHES = 8;
const TRIES = 12;
const MAX_FILES = 4;

/** Draws the files of a release: new ones, and ones that other publishers use at the same time. */
export function createFilePool(random: Random, options: FilePoolOptions): (random: Random) => PlannedArtifact[] {
  let made = 0;
  const make = (): Payload => createPayload(`${options.name}-${++made}`, randomSize(random, options.maxBytes));
  const files: SharedFile[] = Array.from({ length: options.shared }, () => ({ payload: make(), touches: 0, touchedAt: performance.now() }));

  const isRipe = ({ touchedAt }: SharedFile): boolean => {
    const age = performance.now() - touchedAt;
    return options.ripe === undefined || (age >= options.ripe[0] && age <= options.ripe[1]);
  };
  const share = (draw: Random): Payload => {
    let position = draw.below(files.length);
    for (let attempt = 1; attempt < TRIES && !isRipe(files[position] as SharedFile); attempt++) position = draw.below(files.length);
    const file = files[position] as SharedFile;
    file.touches += 1;
    file.touchedAt = performance.now();
    if (file.touches >= MAX_TOUCHES) files[position] = { payload: make(), touches: 0, touchedAt: performance.now() };
    return file.payload;
  };
  return (draw) => {
    const payloads = Array.from({ length: 1 + draw.below(MAX_FILES) }, () => (draw.chance(options.fresh) ? make() : share(draw)));
    return [...new Set(payloads)].map((payload, index) => ({ name: `${payload.key}.bin`, payload, ...coordinate(index) }));
  };
}

const platforms = ["linux", "macos", "windows"];
const architectures = ["x64", "arm64", "any"];

/** Files of no known format are told apart by what is stated about them. */
export function coordinate(index: number): { platform: string; arch: string; variant: string } {
  return { platform: platforms[index % 3] ?? "any", arch: architectures[(index >> 1) % 3] ?? "any", variant: `v${index}` };
}
