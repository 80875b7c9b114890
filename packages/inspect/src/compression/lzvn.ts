import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { LzWindow } from "./lz-window.ts";

const END = 0x06;
const END_BYTES = 8;
const NOTHING: readonly number[] = [0x0e, 0x16];
/** Longer runs than a half byte holds have a byte of their own. */
const LONG = 16;

/** LZVN without a container, as file systems keep small files. */
export function decodeLzvn(data: Uint8Array, maxBytes: number): Uint8Array {
  const window = new LzWindow(maxBytes, "lzvn");
  decodeLzvnInto(window, data);
  return window.content();
}

/**
 * LZVN: one operation after the other, each with the number of literals (L) that follow it, then of bytes copied (M) from a distance (D).
 * An operation without distance takes the one before. Followed: Apple's `lzvn_decode_base.c`.
 */
export function decodeLzvnInto(window: LzWindow, data: Uint8Array): void {
  const reader = new ByteReader(data, { littleEndian: true });
  let distance = 0;
  for (;;) {
    const operation = reader.u8();
    if (operation === END) {
      reader.skip(END_BYTES - 1);
      if (reader.left > 0) throw broken("lzvn: there is more behind the end");
      return;
    }
    const high = operation >> 4;
    if (high === 0xe) window.literals(reader.take(runLength(reader, operation)));
    else if (high === 0xf) window.copy(distance, runLength(reader, operation));
    else if (!NOTHING.includes(operation)) {
      const step = readStep(reader, operation, distance);
      window.literals(reader.take(step.literals));
      window.copy(step.distance, step.copied);
      ({ distance } = step);
    }
  }
}

function runLength(reader: ByteReader, operation: number): number {
  const short = operation & 15;
  return short === 0 ? reader.u8() + LONG : short;
}

interface Step {
  readonly literals: number;
  readonly copied: number;
  readonly distance: number;
}

function readStep(reader: ByteReader, operation: number, previous: number): Step {
  const high = operation >> 4;
  // 101LLMMM DDDDDDMM DDDDDDDD
  if (high === 0xa || high === 0xb) {
    const rest = reader.u16();
    return { literals: (operation >> 3) & 3, copied: ((operation & 7) << 2) + (rest & 3) + 3, distance: rest >> 2 };
  }
  if (high === 0x7 || high === 0xd) throw broken(`lzvn: operation ${operation} means nothing`);
  // LLMMMDDD DDDDDDDD, LLMMM110, LLMMM111 DDDDDDDD DDDDDDDD
  const lengths = { literals: operation >> 6, copied: ((operation >> 3) & 7) + 3 };
  const low = operation & 7;
  if (low === 7) return { ...lengths, distance: reader.u16() };
  if (low < 6) return { ...lengths, distance: (low << 8) + reader.u8() };
  if (lengths.literals === 0) throw broken(`lzvn: operation ${operation} means nothing`);
  return { ...lengths, distance: previous };
}
