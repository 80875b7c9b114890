import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ArtifactFacts, Sha256 } from "@distd/core";
import fc from "fast-check";
import type { GateContext } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { type GateInput, isRefused, runGate } from "./run-gate.ts";

const NOW = Date.parse("2026-11-20T00:00:00Z");
const certificate = (sha256: string) => ({ sha256: sha256.repeat(64).slice(0, 64) as never, subject: `CN=${sha256}` });

const base: ArtifactFacts = {
  format: "apk",
  factsVersion: 1,
  platform: "android",
  architectures: ["arm64", "x64"],
  identifier: "com.acme",
  version: "1.0.0",
  build: "10",
  minOs: "26",
  permissions: ["INTERNET"],
  signing: { state: "unverified", schemes: ["v2"], certificates: [certificate("a")] },
  problems: [],
  details: {},
};

const context: GateContext = { version: "1.0.0", build: "", channel: "beta", rules: {}, now: NOW };

const UNSIGNED_FACTS: ArtifactFacts["signing"] = { state: "unsigned", schemes: [], certificates: [] };

/** The public key of minisign's own releases. */
const MINISIGN = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const KEY_IDS: Readonly<Record<string, string>> = { key: "0123456789ABCDEF", minisign: "E7620F1842B4E81F" };

function signedBy(who: "a" | "key" | "minisign" | "team" | "trusted", intact: boolean): ArtifactFacts["signing"] {
  const keyId = KEY_IDS[who];
  const certificates = keyId !== undefined ? [] : [{ sha256: "a".repeat(64) as Sha256, subject: "CN=Acme" }];
  const signer = { name: "Acme", certificates, ...(keyId !== undefined && { keyId }) };
  const details = who === "team" || who === "trusted" ? { teamId: "ZZZZZ99999" } : {};
  const trusted = who === "trusted";
  const signature = { scheme: "v2", intact, trusted, signer, problems: [], details };
  return { state: "verified", schemes: ["v2"], certificates, intact, trusted, signatures: [signature] };
}

function onMac(details: Readonly<Record<string, unknown>>): Partial<ArtifactFacts> {
  const { signatures = [], ...signing } = signedBy("a", true);
  return { format: "dmg", platform: "macos", signing: { ...signing, signatures: signatures.map((one) => ({ ...one, details })) } };
}

type Change = Partial<ArtifactFacts>;

function found(
  offered: Change,
  live: Change | undefined,
  change: Partial<Omit<GateInput, "context">> & { context?: Partial<GateContext> } = {},
): string[] {
  const results = runGate({
    pairs: [{ subject: { name: "a.apk", facts: { ...base, ...offered } }, live: live && { name: "old.apk", facts: { ...base, ...live } } }],
    policy: {},
    stage: "publish",
    overrides: {},
    ...change,
    context: { ...context, ...change.context },
  });
  return results.map(({ check, severity }) => `${severity} ${check.slice(5)}`);
}

describe("the release gate", () => {
  it("has nothing to say about the next build of the same app, nor about a first one", () => {
    assert.deepEqual(found({ build: "11" }, {}), []);
    assert.deepEqual(found({}, undefined), []);
  });

  const cases: readonly (readonly [string, Change, Change | undefined, readonly string[], Partial<GateContext>?])[] = [
    ["another identifier", { identifier: "com.evil", build: "11" }, {}, ["error identifier-changed"]],
    [
      "an identifier that the linker took from a file's name",
      { identifier: "notes-2", build: "11", details: { codeSignature: { linkerSigned: true } } },
      { identifier: "notes-1" },
      [],
    ],
    ["another signer", { build: "11", signing: { ...base.signing, certificates: [certificate("b")] } }, {}, ["error signer-changed"]],
    [
      "a key rotated with proof",
      {
        build: "11",
        signing: { ...base.signing, certificates: [certificate("b")] },
        details: { lineage: [certificate("a"), certificate("b")] },
      },
      {},
      [],
    ],
    ["a lower build", { build: "9" }, {}, ["error lower-build"]],
    ["a build that is lower as a number, not as text", { build: "9" }, { build: "10" }, ["error lower-build"]],
    ["an equal build", {}, {}, ["warning equal-build"]],
    [
      "a lower version of a format without builds",
      { format: "deb", build: undefined, version: "1:1.0~rc1" } as never,
      { format: "deb", build: undefined, version: "1:1.0" } as never,
      ["error lower-build"],
      { version: "1:1.0~rc1" },
    ],
    [
      "an unsigned file where the one before was signed",
      { build: "11", signing: UNSIGNED_FACTS },
      {},
      ["error signer-changed", "warning unsigned"],
    ],
    [
      "an unsigned file where the one before was none",
      { build: "11", signing: UNSIGNED_FACTS },
      { signing: UNSIGNED_FACTS },
      ["warning unsigned"],
    ],
    ["an unsigned file for stable", { build: "11", signing: UNSIGNED_FACTS }, undefined, ["error unsigned"], { channel: "stable" }],
    ["a debug build", { build: "11", details: { debuggable: true } }, {}, ["warning debuggable"]],
    ["a debug build for stable", { build: "11", details: { testOnly: true } }, {}, ["error debuggable"], { channel: "stable" }],
    ["another version than stated", { build: "11" }, {}, ["warning version-differs"], { version: "2.0.0" }],
    ["another build than stated", { build: "11" }, {}, ["warning build-differs"], { build: "12" }],
    ["a higher minimum system", { build: "11", minOs: "30" }, {}, ["warning minimum-os-raised"]],
    ["a lower minimum system", { build: "11", minOs: "9" }, {}, []],
    ["a lost architecture", { build: "11", architectures: ["arm64"] }, {}, ["warning architecture-lost"]],
    ["bytes that name no architecture", { build: "11", architectures: [] }, {}, []],
    ["one build for all architectures", { build: "11", architectures: ["any"] }, {}, []],
    [
      "a newer C library",
      { build: "11", details: { glibcFloor: "2.36" } },
      { details: { glibcFloor: "2.9" } },
      ["warning libc-floor-raised"],
    ],
    ["a new permission", { build: "11", permissions: ["INTERNET", "CAMERA"] }, {}, ["warning permissions-added"]],
    ["a new entitlement", { build: "11", entitlements: { "aps-environment": "production" } }, {}, ["warning permissions-added"]],
    [
      "an expired profile",
      { build: "11", details: { provisioning: { expiresAt: "2026-11-01T00:00:00Z" } } },
      {},
      ["warning profile-expired"],
    ],
    [
      "a profile that ends soon",
      { build: "11", details: { provisioning: { expiresAt: "2026-11-25T00:00:00Z" } } },
      {},
      ["warning profile-expired"],
    ],
    ["a profile with time left", { build: "11", details: { provisioning: { expiresAt: "2027-11-25T00:00:00Z" } } }, {}, []],
    [
      "lost devices",
      { build: "11", details: { provisioning: { devices: ["b"] } } },
      { details: { provisioning: { devices: ["a", "b"] } } },
      ["warning devices-lost"],
    ],
    [
      "a signature that anybody can make",
      {
        build: "11",
        signing: { ...signedBy("key", true), signatures: [{ scheme: "codesign", intact: true, trusted: false, problems: [] }] },
      },
      undefined,
      ["error unsigned"],
      { channel: "stable" },
    ],
    [
      "an updater's signature of what no system finds one in",
      { format: "dmg", build: "11", signing: signedBy("key", true) },
      undefined,
      ["error unsigned"],
      { channel: "stable" },
    ],
    ["a signed disk image for stable", onMac({}), undefined, ["error not-notarized"], { channel: "stable" }],
    ["a signed disk image for others", onMac({}), undefined, ["warning not-notarized"]],
    ["a notarized disk image", onMac({ notarized: true }), undefined, [], { channel: "stable" }],
    [
      "a signature that does not hold",
      { build: "11", signing: { state: "verified", schemes: ["v2"], certificates: [], intact: false, trusted: false, signatures: [] } },
      undefined,
      ["error not-intact"],
    ],
    ["problems of its own", { build: "11", problems: [{ code: "ipa/wrapped", message: "Wrapped." }] }, {}, ["warning has-problems"]],
    [
      "an identifier the rules do not name",
      { build: "11" },
      {},
      ["error identifier-not-allowed"],
      { rules: { identifiers: ["com.other"] } },
    ],
    ["a signer the rules do not name", { build: "11" }, {}, ["error signer-not-allowed"], { rules: { signers: ["b".repeat(64)] } }],
    [
      "a signer the rules name by subject",
      { build: "11", signing: signedBy("trusted", true) },
      undefined,
      [],
      { rules: { subjects: ["CN=Acme"], signers: ["b".repeat(64)] } },
    ],
    [
      "a signer who calls himself as the rules do, and whom nobody trusted stands for",
      { build: "11", signing: signedBy("a", true) },
      undefined,
      ["error signer-not-allowed"],
      { rules: { subjects: ["CN=Acme"] } },
    ],
    ["a team the rules name", { build: "11", signing: signedBy("trusted", true) }, undefined, [], { rules: { teams: ["ZZZZZ99999"] } }],
    [
      "a team the rules name, and that nobody trusted stands for",
      { build: "11", signing: signedBy("team", true) },
      undefined,
      ["error signer-not-allowed"],
      { rules: { teams: ["ZZZZZ99999"] } },
    ],
    [
      "nobody's signature, where the rules name a signer",
      { build: "11", signing: UNSIGNED_FACTS },
      undefined,
      ["error signer-not-allowed", "warning unsigned"],
      { rules: { signers: ["a".repeat(64)] } },
    ],
    [
      "a file that nobody signs, where the rules name a signer",
      { build: "11", format: "file", signing: UNSIGNED_FACTS },
      undefined,
      [],
      { rules: { signers: ["a".repeat(64)] } },
    ],
    [
      "a signer whose signature does not hold",
      { build: "11", signing: signedBy("a", false) },
      undefined,
      ["error not-intact", "error signer-not-allowed"],
      { rules: { signers: ["a".repeat(64)] } },
    ],
    [
      "a key the rules name",
      { format: "elf", build: "11", signing: signedBy("key", true) },
      undefined,
      [],
      { rules: { keys: ["0123456789ABCDEF"] } },
    ],
    [
      "a key the rules give whole",
      { format: "tarball", build: "11", signing: signedBy("minisign", true) },
      undefined,
      [],
      { rules: { keys: [MINISIGN] } },
    ],
    [
      "an archive without a signature, where the rules name a key",
      { format: "tarball", build: "11", signing: UNSIGNED_FACTS },
      undefined,
      ["error signer-not-allowed"],
      { rules: { keys: [MINISIGN] } },
    ],
    [
      "an archive without a signature, where the rules name a certificate",
      { format: "tarball", build: "11", signing: UNSIGNED_FACTS },
      undefined,
      [],
      { rules: { signers: ["a".repeat(64)] } },
    ],
    [
      "a certificate the rules revoke",
      { build: "11", signing: signedBy("a", true) },
      undefined,
      ["error signer-revoked"],
      { rules: { signers: ["a".repeat(64)], revoked: ["a".repeat(64)] } },
    ],
    [
      "another certificate than the rules revoke",
      { build: "11", signing: signedBy("a", true) },
      {},
      [],
      { rules: { revoked: ["b".repeat(64)] } },
    ],
    [
      "a team the rules do not name",
      { build: "11", signing: signedBy("team", true) },
      undefined,
      ["error signer-not-allowed"],
      { rules: { teams: ["ABCDE12345"] } },
    ],
    ["a platform the rules do not name", { build: "11" }, {}, ["error platform-not-allowed"], { rules: { platforms: ["ios"] } }],
  ];
  for (const [name, offered, live, expected, change] of cases) {
    it(`says ${expected.join(", ") || "nothing"} about ${name}`, () =>
      assert.deepEqual(found(offered, live, change ? { context: change } : {}), expected));
  }

  it("says which feed leaves an artifact out, and why", () => {
    const subject = { name: "a.deb", facts: base, leftOut: [{ feed: "apt", reason: "its architecture is 'amd64 i386'" }] };
    const [result, ...more] = runGate({ pairs: [{ subject, live: undefined }], policy: {}, stage: "publish", overrides: {}, context });
    assert.deepEqual([more, result?.check, result?.severity], [[], "gate/left-out-of-feed", "warning"]);
    assert.match(result?.message ?? "", /^apt leaves it out: its architecture/);
  });

  it("has a case for every check", () => {
    const tried = new Set(cases.flatMap(([, , , expected]) => expected.map((text) => `gate/${text.split(" ")[1]}`)));
    tried.add("gate/left-out-of-feed");
    assert.deepEqual([...tried].toSorted(), CHECKS.map(({ id }) => id).toSorted());
  });

  it("follows the app's policy, and the channel's before it", () => {
    const policy = {
      checks: { "gate/lower-build": "warning" as const, "gate/permissions-added": "error" as const },
      channels: { beta: { "gate/lower-build": "off" as const } },
    };
    assert.deepEqual(found({ build: "9" }, {}, { policy }), []);
    assert.deepEqual(found({ build: "9" }, {}, { policy, context: { channel: "nightly" } }), ["warning lower-build"]);
    assert.deepEqual(found({ build: "11", permissions: ["X"] }, {}, { policy }), ["error permissions-added"]);
  });

  it("lets no policy lower what is said of signatures that do not hold", () => {
    const broken = { build: "11", signing: signedBy("a", false) };
    const severities = { "gate/not-intact": "off" as const, "gate/signer-not-allowed": "warning" as const };
    const policy = { checks: severities, channels: { beta: severities } };
    const rules = { signers: ["a".repeat(64)] };
    assert.deepEqual(found(broken, undefined, { policy, context: { rules } }), ["error not-intact", "error signer-not-allowed"]);
  });

  it("does not compare order without a channel, nor at promotion", () => {
    assert.deepEqual(found({ build: "9" }, {}, { context: { channel: undefined } }), []);
    assert.deepEqual(found({ build: "9" }, {}, { stage: "promote" }), []);
    assert.deepEqual(found({ build: "9", identifier: "com.evil" }, {}, { stage: "promote" }), ["error identifier-changed"]);
  });

  it("lets an accepted error pass as a warning that says who accepted it", () => {
    const results = runGate({
      pairs: [{ subject: { name: "a.apk", facts: { ...base, build: "9" } }, live: { name: "b.apk", facts: base } }],
      context,
      policy: {},
      stage: "publish",
      overrides: { "gate/lower-build": { by: "tok_1", reason: "hotfix line" } },
    });
    assert.equal(isRefused(results), false);
    assert.deepEqual(
      results.map(({ severity, override }) => [severity, override]),
      [["warning", { by: "tok_1", reason: "hotfix line" }]],
    );
  });

  it("shows both sides of every comparison", () => {
    const [result] = runGate({
      pairs: [{ subject: { name: "a.apk", facts: { ...base, build: "9" } }, live: { name: "b.apk", facts: base } }],
      context,
      policy: {},
      stage: "publish",
      overrides: {},
    });
    assert.deepEqual([result?.live, result?.offered], ["10", "9"]);
    assert.match(result?.message ?? "", /9.*beta.*10/);
  });

  it("stumbles over no facts, whatever they hold", () => {
    const facts = fc.record({
      identifier: fc.string(),
      version: fc.string(),
      build: fc.string(),
      minOs: fc.string(),
      details: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    fc.assert(
      fc.property(facts, facts, (offered, live) => {
        found(offered, live);
      }),
    );
  });
});
