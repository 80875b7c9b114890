// sigstore-conformance's cases for verifying bundles: names that end in _fail must not be trusted, all others must. Its bundles are the public
// instance's, with entries of both generations of its log and with timestamps.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { verifyArtifact } from "../index.ts";

const NOW = new Date("2026-11-20");
const BEACON = {
  subject:
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
  issuer: "https://token.actions.githubusercontent.com",
};

const folder = mkdtempSync(join(tmpdir(), "distd-conformance-"));
const unpacked = spawnSync("tar", ["-xzf", join(REPOSITORY, "fixtures/signatures/sigstore/conformance.tar.gz"), "-C", folder]);
assert.equal(unpacked.status, 0, unpacked.stderr?.toString());
const cases = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

describe("sigstore-conformance", () => {
  after(() => rmSync(folder, { recursive: true }));

  it("is there", () => assert.equal(cases.length, 70));

  for (const name of cases) {
    const isGood = !name.endsWith("_fail");
    it(`${name}: ${isGood ? "trusted" : "not trusted"}`, async () => {
      // What a case does not bring along is what all have.
      const own = (file: string): Buffer | undefined =>
        existsSync(join(folder, name, file)) ? readFileSync(join(folder, name, file)) : undefined;
      const shared = (file: string): Buffer => readFileSync(join(folder, file));
      const identity = {
        subject: own("identity")?.toString().trim() ?? BEACON.subject,
        issuer: own("issuer")?.toString().trim() ?? BEACON.issuer,
      };
      const key = own("key.pub")?.toString("latin1");
      const root = (own("trusted_root.json") ?? shared("trusted_root.json")).toString("latin1");
      const keys = [root, JSON.stringify({ sigstoreIdentities: [identity] }), ...(key === undefined ? [] : [key])];
      const { trusted, signatures, problems } = await verifyArtifact(memorySource(own("artifact") ?? shared("a.txt")), {
        format: "file",
        fileName: "a.txt",
        now: NOW,
        trust: { certificates: [], keys, revoked: new Set() },
        beside: new Map([["a.txt.sigstore.json", memorySource(own("bundle.sigstore.json") ?? Buffer.alloc(0))]]),
      });
      const said = [...problems, ...signatures.flatMap((one) => one.problems)].map(({ code, message }) => `${code}: ${message}`);
      assert.equal(trusted === true, isGood, said.join("; "));
    });
  }
});
