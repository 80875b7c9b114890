import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { NO_TRUST } from "../verifier.ts";
import { PINNED_ROOTS, appleRoots } from "./roots/index.ts";
import { LATER, readSigned, testCertificate, trusting, verifyBytes, verifySource } from "../../test-support/apple/signed-files.ts";
import { stateOf } from "../../test-support/verdicts.ts";
import { memorySource } from "@distd/core";

/** Fixture → what becomes of it under the test root, while certificates and profiles last. */
const STATES: Readonly<Record<string, string>> = {
  "macho/hardened": "intact trusted not-notarized",
  "macho/universal": "intact trusted not-hardened not-notarized",
  "macho/sha1-and-sha256": "intact trusted no-timestamp not-hardened not-notarized",
  "macho/sha384": "intact trusted no-timestamp not-hardened not-notarized",
  "macho/ad-hoc": "intact nobody",
  "macho/stranger": "intact no-timestamp not-hardened not-notarized unknown-signer",
  "macho/for-installers": "intact no-timestamp not-notarized wrong-purpose",
  "macho/for-push": "intact no-timestamp wrong-purpose",
  "macho/unsigned": "unsigned",
  "macapp/developer-id.zip": "intact trusted not-notarized",
  "macapp/developer-id.tar.xz": "intact trusted not-notarized",
  "macapp/ad-hoc.zip": "intact nobody",
  "macapp/stranger.zip": "intact no-timestamp not-hardened not-notarized unknown-signer",
  "ipa/development.ipa": "intact trusted no-timestamp",
  "ipa/ad-hoc.ipa": "intact trusted no-timestamp",
  "ipa/enterprise.ipa": "intact trusted no-timestamp",
  "ipa/app-store.ipa": "intact trusted no-timestamp",
  "ipa/for-another-app.ipa": "intact no-timestamp not-permitted",
  "dmg/developer-id.dmg": "intact trusted not-notarized",
  "dmg/stranger.dmg": "intact no-timestamp not-notarized unknown-signer",
  "dmg/unsigned.dmg": "unsigned",
};

describe("fixtures signed by rcodesign", () => {
  for (const [path, state] of Object.entries(STATES))
    it(`${path}: ${state}`, async () => assert.equal(stateOf(await verifyBytes(path, readSigned(path))), state));

  it("say who, when, with what, until when", async () => {
    const { signatures } = await verifyBytes("macho/hardened", readSigned("macho/hardened"));
    const [one, second] = signatures;
    assert.equal(second, undefined);
    assert.equal(one?.scheme, "codesign");
    assert.equal(one?.signer?.name, "Test Developer ID Application, everybody has its key");
    assert.equal(one?.signer?.certificates.length, 3);
    assert.equal(one?.signer?.validUntil, "2027-01-01T00:00:00Z");
    assert.equal(one?.signer?.key, "rsa-2048");
    assert.equal(one?.algorithm, "rsa-sha256");
    assert.match(one?.signedAt ?? "", /^2025-06-01T12:0/);
    assert.equal(one?.timestampedBy, "Test Timestamps");
    const { identifier, teamId, identity, flags, runtime, notarized } = one?.details ?? {};
    assert.deepEqual(
      { identifier, teamId, identity, flags, runtime, notarized },
      {
        identifier: "program",
        teamId: "TESTTEAM01",
        identity: "Developer ID Application",
        flags: ["runtime"],
        runtime: "13.0.0",
        notarized: false,
      },
    );
  });

  it("say the code inside an app, and who signed it", async () => {
    const { signatures } = await verifyBytes("macapp/developer-id.zip", readSigned("macapp/developer-id.zip"));
    const inside = signatures[0]?.details?.["inside"] as readonly { readonly path: string; readonly trusted: boolean }[];
    assert.deepEqual(
      inside.map(({ path, trusted }) => `${path} ${trusted}`),
      ["Frameworks/Glow.framework", "Frameworks/libglow.dylib", "MacOS/wick", "PlugIns/Share.appex"].map(
        (path) => `Lantern.app/Contents/${path} true`,
      ),
    );
  });

  it("say what a profile is", async () => {
    const kinds: unknown[] = [];
    for (const name of ["development", "ad-hoc", "enterprise", "app-store"]) {
      const { signatures } = await verifyBytes(`ipa/${name}.ipa`, readSigned(`ipa/${name}.ipa`));
      const profile = signatures[0]?.details?.["profile"] as Record<string, unknown> | undefined;
      const { kind, devices, appId, teamId, expiresAt, trusted } = profile ?? {};
      kinds.push([kind, devices, appId, teamId, expiresAt, trusted]);
    }
    const rest = ["TESTTEAM01", "2026-12-01T12:00:00Z", true];
    assert.deepEqual(kinds, [
      ["development", 2, "TESTTEAM01.example.lantern", ...rest],
      ["ad-hoc", 2, "TESTTEAM01.example.lantern", ...rest],
      ["enterprise", undefined, "TESTTEAM01.*", ...rest],
      ["app-store", undefined, "TESTTEAM01.example.lantern", ...rest],
    ]);
  });
});

describe("nobody is trusted whom nothing stands for", () => {
  const signed = Object.keys(STATES).filter((path) => STATES[path]?.includes("intact") === true);
  for (const path of signed)
    it(`${path} without the test root`, async () => {
      const { intact, trusted } = await verifyBytes(path, readSigned(path), { trust: NO_TRUST });
      assert.deepEqual([intact, trusted], [true, false]);
    });

  for (const path of signed)
    it(`${path} with another root`, async () => {
      const other = { ...NO_TRUST, certificates: [testCertificate("time")] };
      assert.equal((await verifyBytes(path, readSigned(path), { trust: other })).trusted, false);
    });

  for (const path of ["macho/hardened", "macapp/developer-id.zip", "dmg/developer-id.dmg"])
    it(`${path} whose signer was revoked`, async () => {
      const revoked = new Set([createHash("sha256").update(testCertificate("developer-id")).digest("hex")]);
      const verdict = await verifyBytes(path, readSigned(path), { trust: { ...trusting("root"), revoked } });
      assert.match(stateOf(verdict), /^intact .*revoked/);
    });

  for (const path of ["macho/sha384", "ipa/ad-hoc.ipa"])
    it(`${path} after its certificate ended, without a timestamp`, async () => {
      assert.match(stateOf(await verifyBytes(path, readSigned(path), { now: LATER })), /^intact expired/);
    });

  it("macho/stranger when the caller trusts him", async () => {
    const verdict = await verifyBytes("macho/stranger", readSigned("macho/stranger"), { trust: trusting("stranger") });
    assert.match(stateOf(verdict), /^intact trusted/);
  });

  it("macho/hardened after its certificate ended, with a timestamp", async () => {
    assert.match(stateOf(await verifyBytes("macho/hardened", readSigned("macho/hardened"), { now: LATER })), /^intact trusted/);
  });

  it("macho/hardened with a timestamp nobody vouches for", async () => {
    const trust = { ...NO_TRUST, certificates: [testCertificate("developer-id-authority")] };
    const path = "macho/hardened";
    assert.match(stateOf(await verifyBytes(path, readSigned(path), { trust })), /^intact trusted .*timestamp-untrusted/);
    assert.match(stateOf(await verifyBytes(path, readSigned(path), { trust, now: LATER })), /^intact expired .*timestamp-untrusted/);
  });
});

describe("Apple's roots", () => {
  /** As Apple publishes them. */
  const FINGERPRINTS = [
    "b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024",
    "c2b9b042dd57830e7d117dac55ac8ae19407d38e41d88f3215bc3a890444a050",
    "63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179",
  ];

  it("are the bytes whose fingerprints Apple publishes, and sign themselves", () => {
    assert.deepEqual(
      PINNED_ROOTS.map(({ certificate }) => createHash("sha256").update(Buffer.from(certificate, "base64")).digest("hex")),
      FINGERPRINTS,
    );
    for (const [index, root] of appleRoots().entries()) {
      assert.equal(root.facts.sha256, FINGERPRINTS[index]);
      assert.equal(PINNED_ROOTS[index]?.sha256, FINGERPRINTS[index]);
      assert.match(root.facts.subject, new RegExp(`CN=${PINNED_ROOTS[index]?.name}(,|$)`));
      assert.ok(root.isAuthority && root.isSignedBy(root));
    }
  });
});

describe("a file that is none", () => {
  for (const format of ["macho", "macapp", "ipa", "dmg"])
    for (const [what, bytes] of Object.entries({ empty: Buffer.alloc(0), text: Buffer.from("not a program\n"), zeros: Buffer.alloc(4096) }))
      it(`${format}: ${what}`, async () => {
        const { intact, trusted } = await verifySource(`${format}/${what}`, memorySource(bytes));
        assert.notEqual(intact, true);
        assert.notEqual(trusted, true);
      });
});
