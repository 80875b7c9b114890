import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Sha256 } from "../digest/sha256.ts";
import { appendLeaf, EMPTY_TREE, leafHash, rootHash } from "./merkle-tree.ts";

/** The leaves of Certificate Transparency's test data, and the root of each tree they make, from none to all. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const treeOf = (leaves: readonly Sha256[]) => leaves.reduce(appendLeaf, EMPTY_TREE);

/** MTH of RFC 6962 section 2.1, as written there. */
function naiveRoot(leaves: readonly Sha256[]): string {
  const [only] = leaves;
  if (only === undefined) return createHash("sha256").digest("hex");
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split))];
  return createHash("sha256")
    .update(Buffer.from(`01${left}${right}`, "hex"))
    .digest("hex");
}

describe("the Merkle tree", () => {
  it("has the roots of Certificate Transparency's test data", () => {
    const leaves = LEAVES.map((hex) => leafHash(Buffer.from(hex, "hex")));
    for (const [size, root] of ROOTS.entries()) assert.equal(rootHash(treeOf(leaves.slice(0, size))), root, `${size} leaves`);
  });

  it("hashes text as its UTF-8 bytes", () => {
    assert.equal(leafHash("é"), leafHash(Buffer.from("c3a9", "hex")));
  });

  it("has the root that RFC 6962 defines, at every size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), fc.string(), (size, seed) => {
        const leaves = Array.from({ length: size }, (_, index) => leafHash(`${seed} ${index}`));
        assert.equal(rootHash(treeOf(leaves)), naiveRoot(leaves));
      }),
    );
  });

  it("keeps one hash for each set bit of its size", () => {
    let tree = EMPTY_TREE;
    for (let size = 0; size <= 300; size++) {
      assert.equal(tree.size, size);
      assert.equal(tree.peaks.length, size.toString(2).replaceAll("0", "").length);
      tree = appendLeaf(tree, leafHash(String(size)));
    }
  });

  it("appends where the numbers of 32 bits end", () => {
    const peaks = Array.from({ length: 33 }, (_, index) => leafHash(String(index)));
    const full = { size: 2 ** 33 - 1, peaks };
    const next = appendLeaf(full, leafHash("x"));
    assert.deepEqual([next.size, next.peaks.length], [2 ** 33, 1]);
  });

  it("leaves the tree it was given alone", () => {
    const tree = treeOf(["a", "b", "c"].map(leafHash));
    const before = JSON.stringify(tree);
    appendLeaf(tree, leafHash("d"));
    rootHash(tree);
    assert.equal(JSON.stringify(tree), before);
  });

  it("has another root after any change, swap, or cut", () => {
    const leaves = Array.from({ length: 11 }, (_, index) => leafHash(String(index)));
    const variants = [
      ...leaves.map((_, index) => leaves.with(index, leafHash("other"))),
      ...leaves.slice(1).map((leaf, index) => leaves.with(index, leaf).with(index + 1, leaves[index] as Sha256)),
      ...leaves.map((_, index) => leaves.slice(0, index)),
      leaves,
    ];
    assert.equal(new Set(variants.map((list) => rootHash(treeOf(list)))).size, variants.length);
  });
});
