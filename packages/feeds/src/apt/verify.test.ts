import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import type { FeedVersion } from "../feed.ts";
import { armoredPublicKeys, clearsign } from "../openpgp/sign-text.ts";
import { ISSUED_AT, memoryFeed, memorySigner } from "../test-support/memory-view.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { changing, HOUR_MS, problemsOf, verifySamples } from "../test-support/verify-samples.ts";
import { apt } from "./index.ts";

const LIVE = [sampleVersion("1.0.0")];
const IN_RELEASE = "dists/stable/InRelease";
const DAY_MS = 24 * HOUR_MS;
const other = { key: generateKeyPairSync("ed25519").privateKey, created: new Date("2026-11-20T08:00:00Z"), userId: "another" };

const kindsOf = async (...args: Parameters<typeof verifySamples> extends [unknown, ...infer Rest] ? Rest : never) =>
  problemsOf((await verifySamples(apt, ...args)).findings).map(({ kind }) => kind);

/** A release with one deb whose control file says this. */
function withControl(control: string, architecture = "amd64"): FeedVersion {
  const artifact = sampleArtifact("deb", "1.0.0", {}, { metadata: control });
  return { ...sampleVersion("1.0.0"), artifacts: [{ ...artifact, facts: { ...artifact.facts, details: { architecture } } }] };
}

describe("what apt would refuse", () => {
  it("is a Release from the future, or one that is no longer valid", async () => {
    const at = (milliseconds: number) => kindsOf(LIVE, { at: new Date(ISSUED_AT.getTime() + milliseconds) });
    assert.deepEqual(await at(-9_000), []);
    assert.deepEqual(await at(-11_000), ["signature"]);
    assert.deepEqual(await at(7 * DAY_MS - 1_000), []);
    assert.deepEqual(await at(7 * DAY_MS), ["date"]);
    const dated = changing(IN_RELEASE, () => memorySigner.clearsign("Suite: stable\nDate: Fri, 20 Nov 2026 11:00:00 GMT\n").inRelease);
    assert.deepEqual(await kindsOf(LIVE, { onTheWay: dated }), ["date"]);
  });

  it("is what another key signed, or nobody", async () => {
    const release = (await memoryFeed(apt, LIVE)).read("dists/stable/Release");
    const text = release?.kind === "body" ? release.bytes.toString() : "";
    for (const message of [clearsign([other], text, ISSUED_AT), text])
      assert.deepEqual(await kindsOf(LIVE, { onTheWay: changing(IN_RELEASE, () => message) }), ["signature"]);
  });

  it("is the Release of another suite under this one's name", async () => {
    const release = (await memoryFeed(apt, LIVE)).read("dists/stable/Release");
    const text = (release?.kind === "body" ? release.bytes.toString() : "").replace(/^(Suite|Codename): .*$/gm, "$1: beta");
    assert.deepEqual(await kindsOf(LIVE, { onTheWay: changing(IN_RELEASE, () => memorySigner.clearsign(text).inRelease) }), ["version"]);
  });

  it("is a source that leads elsewhere", async () => {
    for (const [from, to] of [
      ["URIs: https://dist.example.com/", "URIs: https://evil.example.com/"],
      ["Suites: stable", "Suites: beta"],
      ["Types: deb", "Types: deb\nTrusted: yes\nTypes: deb"],
      ["Components: main\n", ""],
      ["Signed-By:\n", "Signed-By: /etc/apt/keyrings/key.gpg\n"],
    ] as const) {
      const [kind] = await kindsOf(LIVE, { onTheWay: changing("stable.sources", (text) => text.replace(from, to)) });
      assert.ok(kind !== undefined && ["contradiction", "unreadable", "signature"].includes(kind), to);
    }
  });
});

describe("what apt takes", () => {
  it("is a source with an old and a new key, of which one has signed", async () => {
    const indented = armoredPublicKeys([other])
      .trimEnd()
      .split("\n")
      .map((line) => ` ${line === "" ? "." : line}\n`)
      .join("");
    for (const change of [
      (text: string) => `${text}${indented}`,
      (text: string) => text.replace("Signed-By:\n", `Signed-By:\n${indented}`),
    ])
      assert.deepEqual(await kindsOf(LIVE, { onTheWay: changing("stable.sources", change) }), []);
  });

  it("is a package for every architecture it is built for", async () => {
    const control = (architecture: string): string => `Package: lantern\nVersion: 1.0.0\nArchitecture: ${architecture}\n`;
    const [all, arm] = [withControl(control("all"), "all"), withControl(control("arm64"), "arm64")];
    const { findings } = await verifySamples(apt, [all, arm]);
    assert.deepEqual(problemsOf(findings), []);
    assert.equal(findings.length, 2);
  });

  it("is nothing of a package that no apt could read", async () => {
    const { findings, asked } = await verifySamples(apt, [withControl("Package: lantern\nVersion: 1.0.0\nDepends: a (\n")]);
    assert.deepEqual([findings, asked], [[], []]);
  });
});

it("says what it expected and what it found", async () => {
  const { findings } = await verifySamples(apt, LIVE, { onTheWay: changing(/^pool\//, (text) => `${text}!`) });
  const sha256 = LIVE[0]?.artifacts[0]?.sha256 ?? "";
  const [problem] = problemsOf(findings);
  assert.deepEqual([problem?.kind, problem?.expected], ["digest", `sha256:${sha256}`]);
  assert.match(problem?.found ?? "", /^sha256:[0-9a-f]{64}$/);
  assert.match(problem?.url ?? "", /^https:\/\/dist\.example\.com\/apt\/main\/pool\/lantern\/.*\.deb$/);
});
