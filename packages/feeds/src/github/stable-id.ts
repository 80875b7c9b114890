import { sha256 } from "@distd/core";

/** 52 bits: what every client's number can hold. */
const HEX_DIGITS = 13;

/** A number that says what it is made of: the same on every server, positive, below 2^53. */
export function stableId(...parts: readonly string[]): number {
  return Number.parseInt(sha256(JSON.stringify(parts)).slice(0, HEX_DIGITS), 16) || 1;
}
