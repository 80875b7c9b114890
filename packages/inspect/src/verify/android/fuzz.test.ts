// Damaged packages have a verdict: never an exception, never intact where what is covered was touched.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { codesOf, readSigned, verify } from "../../test-support/android/verify.ts";

const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const FILES = [
  "v1.apk",
  "v1-v2-dsa.apk",
  "v1-v2-v3.apk",
  "rotated.apk",
  "stamped.apk",
  "two-signers.apk",
  "verity.apk",
  "streamed.apk.idsig",
  "bundle.aab",
  "splits.apks",
];

function input(fileName: string) {
  return fileName.endsWith(".idsig") ? { fileName, beside: { "streamed.apk": readSigned("streamed.apk") } } : { fileName };
}

describe("damaged packages have a verdict", () => {
  for (const file of FILES) {
    const bytes = readSigned(file);

    it(`${file}: damaged anywhere`, async () => {
      await fc.assert(
        fc.asyncProperty(damages, async (list) => {
          const verdict = await verify(damage(bytes, list), input(file));
          assert.ok(JSON.stringify(verdict).isWellFormed());
          if (verdict.intact === false) assert.ok(codesOf(verdict).length > 0);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    });

    it(`${file}: damaged in what signers wrote`, async () => {
      const block = bytes.lastIndexOf("APK Sig Block 42");
      const [from, to] = block > 0 ? [Math.max(0, block - 9000), block - 8] : [0, bytes.length];
      await fc.assert(
        fc.asyncProperty(damages, async (list) => {
          const kept = list.filter(({ kind }) => kind !== "cut" && kind !== "drop" && kind !== "repeat");
          const damaged = Buffer.concat([bytes.subarray(0, from), damage(bytes.subarray(from, to), kept), bytes.subarray(to)]);
          assert.ok(JSON.stringify(await verify(damaged, input(file))).isWellFormed());
        }),
        { numRuns: RUNS, seed: SEED },
      );
    });

    it(`${file}: cut short anywhere`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), async (length) => {
          const verdict = await verify(bytes.subarray(0, length), input(file));
          assert.notEqual(verdict.intact, true);
          assert.equal(verdict.trusted ?? false, false);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    });
  }
});
