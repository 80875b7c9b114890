import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { FeedVersion } from "../feed.ts";
import { sampleVersion } from "../test-support/sample-versions.ts";
import { changing, problemsOf, type VerifySamples, verifySamples } from "../test-support/verify-samples.ts";
import { pypi } from "./index.ts";

const PAGE = "stable/simple/lantern/index";
const WHEELS = [sampleVersion("1.0.0", {}, ["wheel"])];

const kindsOf = async (live: readonly FeedVersion[], options?: VerifySamples) =>
  problemsOf((await verifySamples(pypi, live, options)).findings).map(({ kind }) => kind);

describe("what pip would refuse, or take for something else", () => {
  const json = (change: (text: string) => string) => changing(`${PAGE}.json`, change);
  const html = (change: (text: string) => string) => changing(`${PAGE}.html`, change);
  for (const [what, onTheWay, kind] of [
    ["a file that one of both pages leaves out", html((text) => text.replace(/<a .*?<br>\n/s, "")), "contradiction"],
    ["a file twice", html((text) => text.replace(/(<a .*?<br>\n)/s, "$1$1")), "contradiction"],
    ["a link to another file", html((text) => text.replace("../../../files/", "../../../file/")), "contradiction"],
    ["another Python", html((text) => text.replace("3.10", "3.11")), "contradiction"],
    ["a link that is also a button", html((text) => text.replace("<a ", '<a onclick="x()" ')), "contradiction"],
    ["a page with more than links", html((text) => text.replace("</body>", "<script>x()</script></body>")), "unreadable"],
    ["a page of the next major version", json((text) => text.replace('"1.1"', '"2.0"')), "unreadable"],
    ["a version that is not listed", json((text) => text.replace('"versions":["1.0.0"]', '"versions":[]')), "missing"],
    ["metadata that is not the wheel's", changing(/\.metadata$/, (text) => `${text}Requires-Dist: evil\n`), "digest"],
  ] as const)
    it(what, async () => assert.deepEqual(await kindsOf(WHEELS, { onTheWay }), [kind]));

  it("a page whose both forms lead elsewhere", async () => {
    const moved = changing(/\/index\./, (text) => text.replace("../../../files/", "https://evil.example.com/files/"));
    assert.deepEqual(await kindsOf(WHEELS, { onTheWay: moved }), ["address"]);
  });

  it("metadata on both pages that is not the wheel's", async () => {
    const offered = [sampleVersion("1.0.0", { description: "another" }, ["wheel"])];
    assert.deepEqual(await kindsOf(WHEELS, { offered }), ["contradiction"]);
  });
});

describe("a file that is there", () => {
  it("may be yanked, whatever the reason: that is said, and is no problem", () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (yanked) => {
        const { findings } = await verifySamples(pypi, WHEELS, { offered: [sampleVersion("1.0.0", { yanked }, ["wheel"])] });
        assert.deepEqual(problemsOf(findings), []);
        for (const finding of findings) assert.equal("note" in finding && finding.note, yanked === "" ? "yanked" : `yanked: ${yanked}`);
      }),
    ));

  it("may be dated as a later revision of the version", async () => {
    const later = "2026-11-20T08:30:00.000Z";
    const offered = WHEELS.map((release) => ({ ...release, publishedAt: later }));
    const revisedAt = (time: string) => WHEELS.map((release) => ({ ...release, revisedAt: time }));
    assert.deepEqual(await kindsOf(WHEELS, { offered }), ["contradiction"]);
    assert.deepEqual(await kindsOf(revisedAt(later), { offered }), []);
    assert.deepEqual(await kindsOf(revisedAt("2026-11-20T08:29:59.999Z"), { offered }), ["contradiction"]);
  });

  it("is compared with its metadata where it has some", async () => {
    const { findings, asked } = await verifySamples(pypi, [sampleVersion("1.0.0", {}, ["wheel", "sdist"])]);
    assert.deepEqual(
      findings.map((finding) => "compared" in finding && finding.compared.includes("METADATA")),
      [true, false],
    );
    assert.equal(asked.filter((path) => path.endsWith(".metadata")).length, 1);
  });
});
