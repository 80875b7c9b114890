import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256 } from "@distd/core";
import fc from "fast-check";
import { addressOf, CHANNEL, memoryFeed, memorySigner } from "../test-support/memory-view.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { readLinks } from "../test-support/strict-readers.ts";
import { escapeHtml } from "./html.ts";
import { pypi } from "./index.ts";
import { isProjectName, namesItself, normalizeName } from "./names.ts";

const place = { address: addressOf(pypi), sign: memorySigner };
const PAGE = `${CHANNEL}/simple/lantern/index`;

interface Page {
  readonly name: string;
  readonly versions: readonly string[];
  readonly files: readonly Readonly<Record<string, unknown>>[];
}

async function pages(
  ...versions: Parameters<typeof memoryFeed>[1]
): Promise<{ readonly json: Page; readonly html: ReturnType<typeof readLinks> }> {
  const made = await memoryFeed(pypi, versions);
  const body = (ending: string): string => {
    const file = made.read(`${PAGE}.${ending}`);
    return file?.kind === "body" ? file.bytes.toString() : "";
  };
  return { json: JSON.parse(body("json")) as Page, html: readLinks(body("html")) };
}

describe("a project's page", () => {
  it("says the same in HTML and JSON, whatever people and packages say", () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.string({ unit: "binary", minLength: 1 }), async (yanked, requiresPython) => {
        const { json, html } = await pages(sampleVersion("1.0.0", { yanked, requiresPython }));
        assert.equal(html.length, json.files.length);
        for (const file of json.files) {
          const link = html.find(({ text }) => text === file["filename"]);
          assert.equal(link?.attributes["data-yanked"], yanked);
          assert.equal(file["yanked"], yanked === "" ? true : yanked);
          assert.equal(link?.attributes["data-requires-python"], requiresPython);
          assert.equal(file["requires-python"], requiresPython);
          assert.equal(link?.attributes["href"], `${String(file["url"])}#sha256=${(file["hashes"] as { sha256: string }).sha256}`);
        }
      }),
    ));

  it("has a wheel with its metadata, whose digest pip checks, and an sdist without", async () => {
    const { json, html } = await pages(sampleVersion("1.0.0"));
    const wheel = sampleArtifact("wheel", "1.0.0");
    const digest = sha256(wheel.metadata ?? "");
    assert.deepEqual(json.versions, ["1.0.0"]);
    assert.deepEqual(
      json.files.find(({ filename }) => filename === wheel.name),
      {
        filename: wheel.name,
        url: `../../../files/${wheel.sha256}/${wheel.name}`,
        hashes: { sha256: wheel.sha256 },
        size: wheel.size,
        "upload-time": "2026-11-20T08:00:00.000Z",
        "requires-python": ">=3.10",
        "core-metadata": { sha256: digest },
        yanked: false,
      },
    );
    for (const { attributes, text } of html)
      for (const name of ["data-core-metadata", "data-dist-info-metadata"])
        assert.equal(attributes[name], text.endsWith(".whl") ? `sha256=${digest}` : undefined);
  });

  it("keeps the older name of that digest out of JSON: pip 22.3 to 23.0 end with an error over it", async () => {
    const { json } = await pages(sampleVersion("1.0.0"));
    for (const file of json.files) assert.ok(!("dist-info-metadata" in file));
  });

  it("leaves out files that call themselves something else than they are", () => {
    for (const name of ["other-1.0.0-py3-none-any.whl", "lantern-2.0.0-py3-none-any.whl", "lantern.whl", "lantern-1.0.0.zip.exe"]) {
      const artifacts = [sampleArtifact("wheel", "1.0.0", {}, { name })];
      assert.deepEqual(pypi.fragment({ ...sampleVersion("1.0.0"), artifacts }, place).entries, [], name);
      assert.ok(artifacts.every((artifact) => pypi.leavesOut(artifact)?.includes(name)));
    }
  });
});

describe("names", () => {
  it("are one name however they are written", () => {
    for (const name of ["Lantern.Light", "lantern_light", "LANTERN--light", "lantern-_.light"])
      assert.equal(normalizeName(name), "lantern-light");
  });

  it("begin and end with a letter or digit", () => {
    for (const name of ["a", "A7", "a.b-c_d", "7zip"]) assert.ok(isProjectName(name), name);
    for (const name of ["", "-a", "a-", ".a", "a b", "a/b", "ä", "a\n"]) assert.ok(!isProjectName(name), name);
  });

  for (const [file, name, version, isSo] of [
    ["lantern_light-1.0.0-py3-none-any.whl", "Lantern.Light", "1.0.0", true],
    ["lantern_light-1.0.0-1-cp312-cp312-manylinux_2_17_x86_64.whl", "lantern-light", "1.0.0", true],
    ["lantern-2.4.0rc1-py3-none-any.whl", "lantern", "2.4.0rc1", true],
    ["lantern-2.4.0rc1-py3-none-any.whl", "lantern", "2.4.0-rc1", true],
    ["lantern-1.0+local.1-py3-none-any.whl", "lantern", "1.0+local.1", true],
    ["lantern-light-1.0.0.tar.gz", "lantern-light", "1.0.0", true],
    ["lantern_light-1.0.0.zip", "lantern-light", "1.0.0", true],
    ["lantern-1.0.0.tar.gz", "lantern", "1.0.1", false],
    ["lantern-1.0.0.tar.bz2", "lantern", "1.0.0", false],
    ["-1.0.0.tar.gz", "", "1.0.0", false],
    ["lantern.tar.gz", "lantern", "", false],
  ] as const)
    it(`${file} is${isSo ? "" : " not"} ${name} ${version}`, () => assert.equal(namesItself(file, name, version), isSo));
});

describe("addresses", () => {
  const json = "application/vnd.pypi.simple.v1+json";
  for (const [path, accept, expected] of [
    ["stable/simple/lantern/", json, { kind: "file", path: `${PAGE}.json`, vary: "accept" }],
    ["stable/simple/lantern/", "text/html, */*;q=0.1", { kind: "file", path: `${PAGE}.html`, vary: "accept" }],
    ["stable/simple/lantern/", "", { kind: "file", path: `${PAGE}.html`, vary: "accept" }],
    ["stable/simple/Lantern", json, { kind: "redirect", path: "stable/simple/lantern/" }],
    ["stable/simple/lan_tern/", json, { kind: "redirect", path: "stable/simple/lan-tern/" }],
    ["stable/simple", json, { kind: "redirect", path: "stable/simple/" }],
    ["stable/simple/", json, { kind: "file", path: "stable/simple/index.json", vary: "accept" }],
    ["files/00/lantern-1.0.0.tar.gz", "*/*", { kind: "file", path: "files/00/lantern-1.0.0.tar.gz" }],
  ] as const)
    it(`${path} as ${JSON.stringify(accept)}`, () => assert.deepEqual(pypi.route(path, accept), expected));
});

describe("text in HTML", () => {
  it("ends no attribute, opens no tag, and reads as it was", () => {
    assert.equal(escapeHtml(`<a b="c" d='e'>&amp;`), "&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;amp;");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.ok(!/[<>"']/.test(escapeHtml(text)))));
  });
});
