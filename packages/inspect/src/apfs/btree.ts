// B-trees of APFS. A node is a block: behind its header a table of where each key and value lies, then keys from the front, values from the
// back. A root has its tree's measures in its last 40 bytes.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { type Blocks, OBJECT, readObject } from "./object.ts";

const NODE_HEADER_BYTES = 56;
const ROOT_INFO_BYTES = 40;
const FLAGS = { root: 1, leaf: 2, fixed: 4, noHeader: 0x10 } as const;
const CHILD_BYTES = 8;
const MAX_LEVEL = 16;
const MAX_TREE_BYTES = 32 * 1024 * 1024;

export interface TreeEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

interface Measures {
  readonly keyBytes: number;
  readonly valueBytes: number;
}

interface Node {
  readonly level: number;
  readonly entries: readonly TreeEntry[];
}

/**
 * All entries of the tree's leaves, node after node as they lie on the disk. `locate` says where a child lies; of trees whose nodes name
 * addresses that is what they say.
 */
export async function* entriesOf(
  blocks: Blocks,
  root: number,
  locate: (child: number) => number = (child) => child,
): AsyncGenerator<TreeEntry, void, undefined> {
  const top = await readObject(blocks, root, [OBJECT.treeRoot]);
  const measures = readMeasures(top, blocks.blockBytes);
  const first = parseNode(top.bytes, measures);
  if (first.level > MAX_LEVEL) throw broken(`apfs: a tree of ${first.level} levels`);
  const seen = new Set([root]);
  if (first.level === 0) yield* first.entries;
  let nodes = [first];
  for (let level = first.level - 1; level >= 0; level -= 1) {
    const children = nodes.flatMap(({ entries }) => entries.map(({ value }) => locate(readChild(value))));
    nodes = [];
    for (const child of children.toSorted((a, b) => a - b)) {
      if (seen.has(child)) throw broken("apfs: a node stands in its tree twice");
      seen.add(child);
      if (seen.size * blocks.blockBytes > MAX_TREE_BYTES) throw broken(`apfs: a tree of more than ${MAX_TREE_BYTES} bytes`);
      const node = parseNode((await readObject(blocks, child, [OBJECT.treeNode])).bytes, measures);
      if (node.level !== level) throw broken("apfs: a node stands on another level of its tree than it says");
      if (level === 0) yield* node.entries;
      else nodes.push(node);
    }
  }
}

function readMeasures(root: ByteReader, blockBytes: number): Measures {
  const info = root.seek(blockBytes - ROOT_INFO_BYTES).skip(4);
  const nodeBytes = info.u32();
  if (nodeBytes !== blockBytes) throw broken(`apfs: nodes of ${nodeBytes} bytes`);
  return { keyBytes: info.u32(), valueBytes: info.u32() };
}

function readChild(value: Uint8Array): number {
  return new ByteReader(value, { littleEndian: true }).u64();
}

function parseNode(bytes: Uint8Array, measures: Measures): Node {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(32);
  const flags = reader.u16();
  const level = reader.u16();
  const count = reader.u32();
  const [tableOffset, tableBytes] = [reader.u16(), reader.u16()];
  if ((flags & FLAGS.noHeader) !== 0 || ((flags & FLAGS.leaf) !== 0) !== (level === 0)) throw broken("apfs: a tree's node is damaged");
  const isFixed = (flags & FLAGS.fixed) !== 0;
  if (count * (isFixed ? 4 : 8) > tableBytes) throw broken(`apfs: ${count} entries in a node`);
  const keys = NODE_HEADER_BYTES + tableOffset + tableBytes;
  const end = bytes.length - ((flags & FLAGS.root) === 0 ? 0 : ROOT_INFO_BYTES);
  const area = new ByteReader(bytes.subarray(0, end), { littleEndian: true });
  const valueBytes = level === 0 ? measures.valueBytes : CHILD_BYTES;
  const entries: TreeEntry[] = [];
  reader.seek(NODE_HEADER_BYTES + tableOffset);
  for (let index = 0; index < count; index += 1) {
    const key = isFixed ? { offset: reader.u16(), bytes: measures.keyBytes } : { offset: reader.u16(), bytes: reader.u16() };
    const value = isFixed ? { offset: reader.u16(), bytes: valueBytes } : { offset: reader.u16(), bytes: reader.u16() };
    entries.push({ key: area.seek(keys + key.offset).take(key.bytes), value: area.seek(end - value.offset).take(value.bytes) });
  }
  return { level, entries };
}
