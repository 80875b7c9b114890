import fc from "fast-check";

/** One damage: where (a fraction of the length), what kind, and a number to do it with. */
export interface Damage {
  readonly place: number;
  readonly kind: "flip" | "byte" | "half" | "word" | "cut" | "drop" | "repeat" | "zero";
  readonly value: number;
}

const INTERESTING = [0, 1, 2, 4, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

const one: fc.Arbitrary<Damage> = fc.record({
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Damage["kind"][]>("flip", "byte", "half", "word") },
    { weight: 1, arbitrary: fc.constantFrom<Damage["kind"][]>("cut", "drop", "repeat", "zero") },
  ),
  value: fc.oneof(fc.constantFrom(...INTERESTING), fc.nat({ max: 0xffff })),
});

/** Mostly one damage, up to eight; shrinks to few. What is damaged all over is refused at the door. */
export const damages: fc.Arbitrary<readonly Damage[]> = fc.oneof(
  { weight: 6, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
  { weight: 3, arbitrary: fc.array(one, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(one, { minLength: 4, maxLength: 8 }) },
);

export function damage(bytes: Uint8Array, list: readonly Damage[]): Uint8Array {
  let result = Buffer.from(bytes);
  for (const { place, kind, value } of list) {
    if (result.length < 8) break;
    const at = Math.floor(place * (result.length - 4));
    const span = Math.min(value & 0xfff, result.length - at);
    if (kind === "flip") result[at] = (result[at] as number) ^ (1 << (value & 7));
    else if (kind === "byte") result[at] = value & 0xff;
    else if (kind === "half") result.writeUInt16LE(value & 0xffff, at);
    else if (kind === "word") result.writeUInt32LE(value >>> 0, at);
    else if (kind === "cut") result = result.subarray(0, at);
    else if (kind === "zero") result.fill(0, at, at + span);
    else if (kind === "drop") result = Buffer.concat([result.subarray(0, at), result.subarray(at + span)]);
    else result = Buffer.concat([result.subarray(0, at + span), result.subarray(at)]);
  }
  return new Uint8Array(result);
}
