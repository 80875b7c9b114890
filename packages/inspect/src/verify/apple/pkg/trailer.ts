// What follows the archive: nothing, or a notarization ticket between two marks of 16 bytes ("t8lr", version 1, type, length, zero;
// little-endian). The first says that the archive ends here (type 1), the last one how long the ticket before it is (type 2).
import { ByteReader, type ByteSource } from "@distd/core";
import { problem } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";

const MARK = "t8lr";
const MARK_BYTES = 16;
const TYPE = { end: 1, ticket: 2 } as const;
const MAX_TRAILER_BYTES = 1024 * 1024;

export interface Trailer {
  readonly ticket?: Uint8Array;
  readonly problem?: VerdictProblem;
}

/** `end`: where the archive ends. */
export async function readTrailer(source: ByteSource, end: number): Promise<Trailer> {
  const bytes = source.size - end;
  // Cut short: the files say so.
  if (bytes <= 0) return {};
  const uncovered = { problem: problem("signing/uncovered", `${bytes} bytes follow the archive, and are no ticket`) };
  if (bytes < 2 * MARK_BYTES || bytes > MAX_TRAILER_BYTES) return uncovered;
  const trailer = await source.read(end, bytes);
  const [first, last] = [readMark(trailer, 0), readMark(trailer, bytes - MARK_BYTES)];
  if (first?.type !== TYPE.end || last?.type !== TYPE.ticket || last.length !== bytes - 2 * MARK_BYTES) return uncovered;
  return { ticket: trailer.subarray(MARK_BYTES, bytes - MARK_BYTES) };
}

function readMark(bytes: Uint8Array, at: number): { readonly type: number; readonly length: number } | undefined {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(at);
  if (Buffer.from(reader.take(4)).toString("latin1") !== MARK || reader.u16() !== 1) return undefined;
  return { type: reader.u16(), length: reader.u32() };
}
