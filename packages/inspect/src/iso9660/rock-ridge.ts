import { ByteReader, decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";
import type { ZisofsBlocks } from "./zisofs.ts";

const MAX_CONTINUATION_BYTES = 2048;
const [CURRENT, PARENT, ROOT] = [2, 4, 8];

export interface RockRidge {
  readonly name?: string;
  /** Of a symbolic link. */
  readonly target?: string;
  readonly compressed?: ZisofsBlocks;
}

/** IEEE P1281 and P1282: fields of a two-letter name, a length and a version; CE says where more of them are. */
export async function parseRockRidge(
  fields: Uint8Array,
  extent: (sector: number, length: number) => Promise<Uint8Array>,
): Promise<RockRidge> {
  const found: { name: string; target: string[]; compressed?: ZisofsBlocks } = { name: "", target: [] };
  let more = parseFields(fields, found);
  // One step: no program writes more fields than fit a sector.
  if (more !== undefined) {
    if (more.bytes > MAX_CONTINUATION_BYTES || more.offset > MAX_CONTINUATION_BYTES) throw broken("iso9660: a continuation is too long");
    const area = await extent(more.sector, more.offset + more.bytes);
    more = parseFields(area.subarray(more.offset), found);
  }
  return {
    ...(found.name === "" ? {} : { name: found.name }),
    ...(found.target.length === 0 ? {} : { target: found.target.join("/").replace(/^\/\//, "/") }),
    ...(found.compressed === undefined ? {} : { compressed: found.compressed }),
  };
}

interface Continuation {
  readonly sector: number;
  readonly offset: number;
  readonly bytes: number;
}

function parseFields(bytes: Uint8Array, found: { name: string; target: string[]; compressed?: ZisofsBlocks }): Continuation | undefined {
  const reader = new ByteReader(bytes, { littleEndian: true });
  let more: Continuation | undefined;
  while (reader.left >= 4) {
    const id = Buffer.from(reader.take(2)).toString("latin1");
    const length = reader.u8();
    reader.skip(1);
    if (length < 4 || length - 4 > reader.left) break;
    const field = new ByteReader(reader.take(length - 4), { littleEndian: true });
    if (id === "NM" && field.left > 1) found.name += decodeUtf8(field.skip(1).take(field.left));
    else if (id === "SL" && field.left > 1) found.target.push(...parseTarget(field.skip(1)));
    else if (id === "CE" && field.left >= 20) more = { sector: field.u32(), offset: field.skip(4).u32(), bytes: field.skip(4).u32() };
    else if (id === "ZF" && field.left >= 8) {
      const [headerBytes, blockLog] = [field.skip(2).u8() * 4, field.u8()];
      found.compressed = { headerBytes, blockBytes: 2 ** blockLog, bytes: field.u32() };
    } else if (id === "ST") break;
  }
  return more;
}

function parseTarget(field: ByteReader): readonly string[] {
  const parts: string[] = [];
  while (field.left >= 2) {
    const [flags, length] = [field.u8(), field.u8()];
    const text = decodeUtf8(field.take(length));
    parts.push((flags & ROOT) !== 0 ? "" : (flags & PARENT) !== 0 ? ".." : (flags & CURRENT) !== 0 ? "." : text);
  }
  return parts;
}
