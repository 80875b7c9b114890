import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, it } from "node:test";
import type { FeedVersion } from "../feed.ts";
import type { OnTheWay } from "../test-support/memory-reader.ts";
import { memorySigner } from "../test-support/memory-view.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { changing, problemsOf, type VerifySamples, verifySamples } from "../test-support/verify-samples.ts";
import { npm } from "./index.ts";

const LIVE = [sampleVersion("1.0.0")];
const KEYS = "-/npm/v1/keys";
const BOTH = /^lantern;/;
const P384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
const EXPIRES = '"expires":null';

const kindsOf = async (live: readonly FeedVersion[], options?: VerifySamples) =>
  problemsOf((await verifySamples(npm, live, options)).findings).map(({ kind }) => kind);

function withManifest(manifest: object): FeedVersion {
  const metadata = JSON.stringify({ name: "lantern", version: "1.0.0", ...manifest });
  return { ...sampleVersion("1.0.0"), artifacts: [sampleArtifact("npm", "1.0.0", {}, { metadata })] };
}

describe("what npm would refuse", () => {
  const keyid = memorySigner.ecdsaKeys()[0]?.keyid ?? "";
  const elsewhere = memorySigner.ecdsa("lantern@1.0.0:sha512-other").signature;

  for (const [what, path, change] of [
    ["no signature", BOTH, (text: string) => text.replace(/"signatures":\[[^\]]*\]/, '"signatures":[]')],
    ["a signature over something else", BOTH, (text: string) => text.replace(/"sig":"[^"]*"/, `"sig":"${elsewhere}"`)],
    ["a second signature that is bad", BOTH, (text: string) => text.replace(/("signatures":\[)/, `$1{"keyid":"${keyid}","sig":"AAAA"},`)],
    ["a key the registry does not have", KEYS, (text: string) => text.replace('"keyid":"SHA256:', '"keyid":"SHA256:x')],
    ["no key at all", KEYS, () => '{"keys":[]}'],
    ["a key that had expired", KEYS, (text: string) => text.replace(EXPIRES, '"expires":"2026-11-19T00:00:00.000Z"')],
  ] as const)
    it(what, async () => assert.deepEqual(await kindsOf(LIVE, { onTheWay: changing(path, change) }), ["signature"]));

  it("a key of another curve, also when it has signed", async () => {
    const spki = P384.publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const { sha512 = "" } = sampleArtifact("npm", "1.0.0").digests;
    const signed = Buffer.from(`lantern@1.0.0:sha512-${Buffer.from(sha512, "hex").toString("base64")}`);
    const signature = sign("sha256", signed, P384.privateKey).toString("base64");
    const onTheWay: OnTheWay = (path, bytes) => {
      const text = bytes.toString();
      return Buffer.from(
        path === KEYS ? text.replace(/"key":"[^"]*"/, `"key":"${spki}"`) : text.replace(/"sig":"[^"]*"/, `"sig":"${signature}"`),
      );
    };
    assert.deepEqual(await kindsOf(LIVE, { onTheWay }), ["signature"]);
  });

  it("does so after the time of a key, not before", async () => {
    const later = changing(KEYS, (text) => text.replace(EXPIRES, '"expires":"2026-11-21T00:00:00.000Z"'));
    assert.deepEqual(await kindsOf(LIVE, { onTheWay: later }), []);
  });

  it("is a tarball of other bytes than it is stated to be", async () => {
    const integrity = "sha512-b3RoZXI=";
    const { signature } = memorySigner.ecdsa(`lantern@1.0.0:${integrity}`);
    const resigned = changing(BOTH, (text) =>
      text.replace(/"integrity":"[^"]*"/, `"integrity":"${integrity}"`).replace(/"sig":"[^"]*"/, `"sig":"${signature}"`),
    );
    assert.deepEqual(await kindsOf(LIVE, { onTheWay: resigned }), ["digest"]);
    const resummed = changing(BOTH, (text) => text.replace(/"shasum":"[^"]*"/, `"shasum":"${"0".repeat(40)}"`));
    assert.deepEqual(await kindsOf(LIVE, { onTheWay: resummed }), ["digest"]);
    const longer = LIVE.map((release) => ({
      ...release,
      artifacts: release.artifacts.map((artifact) => ({ ...artifact, size: artifact.size + 1 })),
    }));
    assert.deepEqual(await kindsOf(longer, { offered: LIVE }), ["size"]);
  });

  it("is a tarball somewhere else", async () => {
    for (const to of [
      "https://evil.example.com/npm/main/",
      "http://dist.example.com/npm/main/",
      "https://dist.example.com/npm/main/../other/",
    ]) {
      const moved = changing(BOTH, (text) => text.replace("https://dist.example.com/npm/main/", to));
      assert.deepEqual(await kindsOf(LIVE, { onTheWay: moved }), ["address"], to);
    }
  });
});

describe("a version's document", () => {
  it("says what the package says of itself", async () => {
    const manifest = { bin: "./cli.js", dependencies: { flame: "^1.2.0" }, scripts: { postinstall: "node build.js" } };
    const live = withManifest(manifest);
    assert.deepEqual(await kindsOf([live]), []);
    for (const other of [{ ...manifest, dependencies: { flame: "^2.0.0" } }, { bin: "./cli.js" }, { ...manifest, os: ["linux"] }])
      assert.deepEqual(await kindsOf([live], { offered: [withManifest(other)] }), ["contradiction"]);
  });

  it("may be deprecated, which is said and is no problem", async () => {
    const { findings } = await verifySamples(npm, LIVE, { offered: [sampleVersion("1.0.0", { yanked: "loses notes" })] });
    assert.deepEqual(
      findings.map((finding) => "note" in finding && finding.note),
      ["deprecated: loses notes"],
    );
  });

  it("may be dated as a later revision of the version", async () => {
    const later = "2026-11-20T08:30:00.000Z";
    const offered = LIVE.map((release) => ({ ...release, publishedAt: later }));
    const revisedAt = (time: string) => LIVE.map((release) => ({ ...release, revisedAt: time }));
    assert.deepEqual(await kindsOf(LIVE, { offered }), ["contradiction"]);
    assert.deepEqual(await kindsOf(revisedAt(later), { offered }), []);
    assert.deepEqual(await kindsOf(revisedAt("2026-11-20T08:29:59.999Z"), { offered }), ["contradiction"]);
  });

  it("is found under a scope", async () => {
    const scoped = { ...sampleVersion("1.0.0"), artifacts: [sampleArtifact("npm", "1.0.0", {}, { identifier: "@acme/lantern" })] };
    const { findings, asked } = await verifySamples(npm, [scoped]);
    assert.deepEqual(problemsOf(findings), []);
    assert.ok(asked.includes("@acme/lantern;full") && asked.includes("@acme/lantern/-/lantern-1.0.0.tgz"));
  });
});

describe("tags", () => {
  const versions = ["1.0.0", "1.1.0"].map((version) => sampleVersion(version));
  const [old, young] = versions as [FeedVersion, FeedVersion];
  const tag = (channel: string, value: string) => ({ name: "lantern", channel, value });

  for (const [what, channel, live, tags, expected] of [
    ["the channel's own", "beta", [young], [tag("stable", "1.0.0"), tag("beta", "1.1.0")], []],
    ["one that stands elsewhere", "beta", [young], [tag("stable", "1.1.0"), tag("beta", "1.0.0")], ["version"]],
    ["none", "beta", [young], [tag("stable", "1.1.0")], ["version"]],
    ["latest with stable", "stable", [old], [tag("stable", "1.0.0"), tag("beta", "1.1.0")], []],
    ["one of two versions that are live for different machines", "stable", [old, young], [tag("stable", "1.0.0")], []],
  ] as const)
    it(`for ${channel}: ${what}`, async () => assert.deepEqual(await kindsOf(live, { offered: versions, channel, tags }), expected));
});
