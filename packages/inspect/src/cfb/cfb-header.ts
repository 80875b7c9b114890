import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

const MAGIC = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const DIFAT_IN_HEADER = 109;
export const HEADER_BYTES = 512;

/** Values from here on are marks, not sectors: free, end of chain, part of the allocation table. */
export const FIRST_MARK = 0xfffffffa;
export const FREE = 0xffffffff;
export const END = 0xfffffffe;

export interface CfbHeader {
  readonly sectorBytes: number;
  /** Version 3 files leave the upper half of a stream's size undefined. */
  readonly wideSizes: boolean;
  readonly fatSectorCount: number;
  readonly directoryStart: number;
  /** Streams below this size lie in the mini stream. */
  readonly miniCutoff: number;
  readonly miniFatStart: number;
  readonly difatStart: number;
  readonly difatSectorCount: number;
  /** The first sectors of the allocation table. */
  readonly difat: readonly number[];
}

export function isCfb(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && MAGIC.every((byte, index) => head[index] === byte);
}

export function parseCfbHeader(bytes: Uint8Array): CfbHeader {
  if (!isCfb(bytes)) throw broken("compound file: not one");
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(26);
  const version = reader.u16();
  if (reader.u16() !== 0xfffe) throw broken("compound file: of an unknown byte order");
  const [sectorShift, miniShift] = [reader.u16(), reader.u16()];
  if ((version !== 3 || sectorShift !== 9) && (version !== 4 || sectorShift !== 12)) throw broken(`compound file: version ${version}`);
  if (miniShift !== 6) throw broken("compound file: small sectors of an unknown size");
  const fatSectorCount = reader.seek(44).u32();
  const directoryStart = reader.u32();
  const miniCutoff = reader.seek(56).u32();
  const miniFatStart = reader.u32();
  const difatStart = reader.seek(68).u32();
  const difatSectorCount = reader.u32();
  const difat = Array.from({ length: DIFAT_IN_HEADER }, () => reader.u32());
  const sectorBytes = 2 ** sectorShift;
  return {
    sectorBytes,
    wideSizes: version === 4,
    fatSectorCount,
    directoryStart,
    miniCutoff,
    miniFatStart,
    difatStart,
    difatSectorCount,
    difat,
  };
}
