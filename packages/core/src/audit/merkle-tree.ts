import { createHash } from "node:crypto";
import { sha256, type Sha256 } from "../digest/sha256.ts";

/**
 * RFC 6962 hash tree, kept as a compact range: the roots of the complete subtrees from left to right. Appending and computing the root
 * take O(log n); the whole state of a tree of a billion leaves is at most 30 hashes.
 */
export interface CompactRange {
  /** Leaves. */
  readonly size: number;
  readonly peaks: readonly Sha256[];
}

export const EMPTY_TREE: CompactRange = { size: 0, peaks: [] };

export function leafHash(leaf: Uint8Array | string): Sha256 {
  return createHash("sha256").update("\0").update(leaf).digest("hex") as Sha256;
}

function nodeHash(left: Sha256, right: Sha256): Sha256 {
  return createHash("sha256").update("\x01").update(left, "hex").update(right, "hex").digest("hex") as Sha256;
}

export function appendLeaf(tree: CompactRange, leaf: Sha256): CompactRange {
  const peaks = [...tree.peaks];
  let node = leaf;
  // One peak per set bit of the size: trailing ones are subtrees of the leaf's own height, to be joined.
  for (let size = tree.size; size % 2 === 1; size = Math.floor(size / 2)) node = nodeHash(peaks.pop() as Sha256, node);
  return { size: tree.size + 1, peaks: [...peaks, node] };
}

/** The tree head; for an empty tree the hash of nothing, as RFC 6962 says. */
export function rootHash(tree: CompactRange): Sha256 {
  const [last, ...others] = [...tree.peaks].reverse();
  return last === undefined ? sha256("") : others.reduce((right, left) => nodeHash(left, right), last);
}
