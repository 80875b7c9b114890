// Damaged files give a verdict: no exception, no endless reading, and none is intact that a signature covers and that has changed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { assertVerdicts } from "../../test-support/fuzz/damaged-verdict.ts";
import { readSigned, verifyBytes, verifySource } from "../../test-support/windows-signatures.ts";

const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
const PATHS = [
  "exe/signed.exe",
  "exe/sha1-and-sha256.exe",
  "exe/page-hashes.exe",
  "exe/pkcs9-timestamp.exe",
  "msi/signed.msi",
  "msi/signed-with-names.msi",
  "cab/signed.cab",
  "msix/signed.msix",
  "msix/signed.msixbundle",
  "nupkg/author-and-repository.nupkg",
];

describe("damaged files", () => {
  for (const path of PATHS) it(path, () => assertVerdicts(readSigned(path), (source) => verifySource(path, source)));
});

describe("files cut short", () => {
  for (const path of PATHS)
    it(path, async () => {
      const bytes = readSigned(path);
      const step = Math.max(1, Math.floor(bytes.length / 100));
      for (let length = 0; length < bytes.length; length += step)
        assert.notEqual((await verifyBytes(path, bytes.subarray(0, length))).intact, true, `${length} of ${bytes.length}`);
    });
});

describe("a damaged catalogue", () => {
  it("gives a verdict", async () => {
    const [program, file] = [readSigned("catalogue/unsigned.exe"), readSigned("catalogue/files.cat")];
    await fc.assert(
      fc.asyncProperty(damages, async (list) => {
        const beside = new Map([["files.cat", memorySource(damage(file, list))]]);
        const { intact, trusted } = await verifyBytes("unsigned.exe", program, { beside });
        assert.ok(trusted !== true || intact === true);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
