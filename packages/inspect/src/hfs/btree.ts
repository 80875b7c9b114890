import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

const LEAF = 0xff;
const MAX_TREE_BYTES = 32 * 1024 * 1024;

/** The leaves of a tree, one after the other: the first node tells where they begin, each leaf tells the next. */
export async function* leavesOf(tree: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const head = new ByteReader(await tree.read(0, Math.min(64, tree.size)), { littleEndian: false });
  const first = head.seek(24).u32();
  const nodeBytes = head.seek(32).u16();
  if (nodeBytes < 512 || (nodeBytes & (nodeBytes - 1)) !== 0) throw broken(`hfs: nodes of ${nodeBytes} bytes`);
  // A chain that runs in a circle ends here.
  let left = Math.floor(Math.min(tree.size, MAX_TREE_BYTES) / nodeBytes);
  for (let node = first; node !== 0; left -= 1) {
    if (left === 0) throw broken("hfs: a tree's leaves do not end");
    const bytes = await tree.read(node * nodeBytes, nodeBytes);
    yield bytes;
    node = new ByteReader(bytes, { littleEndian: false }).u32();
  }
}

/** A leaf: records from the front, and from the back a table of where each begins. */
export function recordsOf(leaf: Uint8Array): readonly number[] {
  const reader = new ByteReader(leaf, { littleEndian: false }).seek(8);
  if (reader.u8() !== LEAF) throw broken("hfs: a node of a tree is no leaf");
  const count = reader.skip(1).u16();
  if (count * 2 > leaf.length) throw broken(`hfs: ${count} records in a node`);
  return Array.from({ length: count }, (_, index) => reader.seek(leaf.length - 2 * (index + 1)).u16());
}

export function decodeName(bytes: Uint8Array): string {
  return Buffer.from(bytes).swap16().toString("utf16le").toWellFormed();
}
