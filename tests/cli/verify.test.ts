import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { SigningFacts } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import { dist, inFolder, SAMPLES } from "../support/dist.ts";
import { withServer } from "../support/server.ts";

const signatures = join(import.meta.dirname, "..", "..", "fixtures", "signatures");
const windows = (path: string): string => join(signatures, "windows", path);
const android = (path: string): string => join(signatures, "android", path);
const THEN = ["--at", "2026-01-01"];

interface Verified {
  readonly file: string;
  readonly format: string;
  readonly signing: SigningFacts;
}

async function verified(...args: readonly string[]): Promise<{ readonly code: number; readonly signing: SigningFacts }> {
  const ran = await dist(["verify", ...args, "--json"]);
  return { code: ran.code, signing: ran.json<Verified>().signing };
}

describe("dist verify", () => {
  it("passes what is signed, intact and trusted, and says by whom, when and until when", async () => {
    const { code, signing } = await verified(windows("exe/signed.exe"), "--key", windows("keys/root.pem"), ...THEN);
    assert.deepEqual([code, signing.intact, signing.trusted], [0, true, true]);
    const [signature] = signing.signatures ?? [];
    assert.match(signature?.signer?.name ?? "", /^Test Signer/);
    assert.match(signature?.signedAt ?? "", /^2025-06-01T/);
    assert.match(signature?.timestampedBy ?? "", /Test Timestamps/);
    assert.equal(signature?.signer?.validUntil?.slice(0, 10), "2027-01-01");
    assert.equal(signature?.algorithm, "rsa-sha256");
  });

  it("keeps both answers apart: intact bytes of somebody nobody stands for", async () => {
    const { code, signing } = await verified(android("v2.apk"));
    assert.deepEqual([code, signing.intact, signing.trusted], [20, true, false]);
    const named = await verified(android("v2.apk"), "--key", android("keys/new.pem"));
    assert.deepEqual([named.code, named.signing.intact, named.signing.trusted], [0, true, true]);
  });

  it("answers neither for what nobody signed", async () => {
    const ran = await inFolder({ "notes.exe": readFileSync(windows("catalogue/unsigned.exe")) }, (cwd) =>
      dist(["verify", join(cwd, "notes.exe"), "--json"]),
    );
    const { signing } = ran.json<Verified>();
    assert.deepEqual([ran.code, signing.state, "intact" in signing, "trusted" in signing], [20, "unsigned", false, false]);
  });

  it("finds what belongs to a file beside it", () =>
    inFolder({}, async (cwd) => {
      for (const name of ["streamed.apk", "streamed.apk.idsig"]) copyFileSync(android(name), join(cwd, name));
      const whole = await verified(join(cwd, "streamed.apk.idsig"), "--key", android("keys/new.pem"));
      assert.deepEqual([whole.code, whole.signing.intact], [0, true]);
      const apk = readFileSync(join(cwd, "streamed.apk"));
      apk.writeUInt8(apk.readUInt8(100) ^ 1, 100);
      writeFileSync(join(cwd, "streamed.apk"), apk);
      assert.equal((await verified(join(cwd, "streamed.apk.idsig"), "--key", android("keys/new.pem"))).signing.intact, false);
    }));

  it("says what is wrong with how it is called", async () => {
    for (const args of [
      ["--at", "soon"],
      ["--revoked", "abc"],
      ["--key", "/nonexistent"],
    ])
      assert.equal((await dist(["verify", windows("exe/signed.exe"), ...args])).code, 2, args.join(" "));
  });
});

describe("signatures at the gate", () => {
  it("refuses a release whose signature does not hold, naming the reason", () =>
    withServer((server) => {
      const apk = readFileSync(join(SAMPLES, "1.4.0", "notes.apk"));
      // The signing block comes before the directory, which comes before the end.
      const at = apk.lastIndexOf("APK Sig Block 42") - 40;
      apk.writeUInt8(apk.readUInt8(at) ^ 1, at);
      const entry = apk.indexOf("classes.dex");
      apk.writeUInt8(apk.readUInt8(entry + 200) ^ 1, entry + 200);
      const manifest = JSON.stringify({ app: "notes", version: "1.4.0", build: "412", artifacts: [{ path: "notes.apk" }] });
      return inFolder({ "dist.json": manifest, "notes.apk": apk }, async (cwd) => {
        const refused = await dist(["ci", "publish", "--json"], { server: server.url, cwd });
        assert.equal(refused.code, 21, refused.stderr);
        const { details } = refused.json<{ details: { checks: GateResultDocument[] } }>();
        assert.ok(
          details.checks.some(({ check, severity }) => check === "gate/not-intact" && severity === "error"),
          refused.stderr,
        );
      });
    }));

  it("keeps the verdict with what is published", () =>
    withServer((server) =>
      inFolder(
        {
          "dist.json": JSON.stringify({ app: "notes", version: "1.4.0", build: "412", artifacts: [{ path: "notes.apk" }] }),
          "notes.apk": readFileSync(join(SAMPLES, "1.4.0", "notes.apk")),
        },
        async (cwd) => {
          const published = await dist(["ci", "publish", "--json"], { server: server.url, cwd });
          assert.equal(published.code, 0, published.stderr);
          const shown = await dist(["release", "show", "notes@1.4.0", "--json"], { server: server.url });
          const { artifacts } = shown.json<{ artifacts: { facts: { signing: SigningFacts } }[] }>();
          const { state, intact, trusted } = artifacts[0]?.facts.signing ?? {};
          assert.deepEqual([state, intact, trusted], ["verified", true, false]);
        },
      ),
    ));
});
