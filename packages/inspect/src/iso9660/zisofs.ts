import { inflateSync } from "node:zlib";
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

const MAGIC = "37e45396c9dbd607";

export interface ZisofsBlocks {
  readonly headerBytes: number;
  readonly blockBytes: number;
  /** Of the whole file, decompressed. */
  readonly bytes: number;
}

/** A file compressed by mkzftree (Linux: fs/isofs/compress.c): a header, where each block begins, the blocks. An empty block is zeros. */
export function readZisofs(content: Uint8Array, { headerBytes, blockBytes, bytes }: ZisofsBlocks): Uint8Array {
  if (Buffer.from(content.subarray(0, 8)).toString("hex") !== MAGIC || headerBytes < 16 || blockBytes < 4096 || blockBytes > 2 ** 20)
    throw broken("iso9660: a compressed file is damaged");
  const count = Math.ceil(bytes / blockBytes);
  const pointers = new ByteReader(content, { littleEndian: true }).seek(headerBytes);
  const starts = Array.from({ length: count + 1 }, () => pointers.u32());
  const blocks = starts.slice(0, -1).map((start, index) => {
    const end = starts[index + 1] as number;
    const length = Math.min(blockBytes, bytes - index * blockBytes);
    if (end < start || end > content.length) throw broken("iso9660: a compressed file is damaged");
    return end === start ? Buffer.alloc(length) : inflate(content.subarray(start, end), length);
  });
  return new Uint8Array(Buffer.concat(blocks));
}

function inflate(data: Uint8Array, length: number): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: length });
  } catch (cause) {
    throw broken("iso9660: a compressed file does not inflate", cause);
  }
}
