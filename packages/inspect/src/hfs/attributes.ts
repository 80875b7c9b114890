import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { decodeName, leavesOf, recordsOf } from "./btree.ts";

const COMPRESSION = "com.apple.decmpfs";
const INLINE = 0x10;
const KEY_BYTES = 12;

/** How files are compressed, by their number: the one attribute that is read, from a tree of its own. */
export async function readCompressions(tree: ByteSource): Promise<ReadonlyMap<number, Uint8Array>> {
  const compressions = new Map<number, Uint8Array>();
  for await (const leaf of leavesOf(tree)) {
    const reader = new ByteReader(leaf, { littleEndian: false });
    for (const start of recordsOf(leaf)) {
      const keyBytes = reader.seek(start).u16();
      const file = reader.skip(2).u32();
      const letters = reader.skip(4).u16();
      if (KEY_BYTES + 2 * letters > keyBytes) throw broken("hfs: a name is longer than its key");
      if (decodeName(reader.take(2 * letters)) !== COMPRESSION || reader.seek(start + 2 + keyBytes).u32() !== INLINE) continue;
      compressions.set(file, reader.skip(8).take(reader.u32()));
    }
  }
  return compressions;
}
