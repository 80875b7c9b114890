import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NOTHING } from "../feed.ts";
import { addressOf, memoryFeed, memorySigner } from "../test-support/memory-view.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { readFields, readStanzas } from "../test-support/strict-readers.ts";
import { apt } from "./index.ts";
import { isRelation } from "./relations.ts";

const place = { address: addressOf(apt), sign: memorySigner };

/** A release with one deb whose control file says this. */
function withControl(
  control: string,
  facts: { readonly identifier?: string; readonly version?: string; readonly architecture?: string } = {},
) {
  const artifact = sampleArtifact("deb", "1.0.0", {}, { metadata: control });
  const { architecture = "amd64", ...said } = facts;
  return { ...sampleVersion("1.0.0"), artifacts: [{ ...artifact, facts: { ...artifact.facts, ...said, details: { architecture } } }] };
}

async function bodyOf(path: string, ...versions: Parameters<typeof memoryFeed>[1]): Promise<string> {
  const file = (await memoryFeed(apt, versions, { gone: ["lantern"] })).read(path);
  return file?.kind === "body" ? file.bytes.toString() : "";
}

describe("a stanza", () => {
  const stanzaOf = (control: string) => readStanzas(apt.fragment(withControl(control), place).entries[0]?.text ?? "")[0];

  it("repeats the control file, and says itself where the package is", () => {
    const stanza = stanzaOf("Package: lantern\nVersion: 1.0.0\nX-Own: kept\nDescription: a\n b\n .\n c\n");
    assert.equal(stanza?.get("description"), "a\n b\n .\n c");
    assert.equal(stanza?.get("x-own"), "kept");
    const { size, sha256 } = sampleArtifact("deb", "1.0.0");
    assert.deepEqual([stanza?.get("size"), stanza?.get("sha256")], [String(size), sha256]);
    assert.equal(stanza?.get("filename"), `pool/lantern/${sha256.slice(0, 12)}/lantern_1.0.0_amd64.deb`);
  });

  for (const field of ["Filename", "SIZE", "sha256 ", "MD5sum\t", "Essential", "important", "Protected", "Phased-Update-Percentage"])
    it(`leaves out the package's own ${JSON.stringify(field)}`, () => {
      const stanza = stanzaOf(`Package: lantern\n${field}: of-its-own\nDescription: a\n`);
      assert.ok(stanza && ![...stanza.values()].includes("of-its-own"));
    });

  it("is one stanza whatever the control file has, line by line", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }).map((text) => `Field: ${text}`),
      fc.string({ unit: "binary", maxLength: 20 }).map((text) => ` ${text}`),
      fc.constantFrom("", " ", "\t", "\r", "no colon", ": no name", "Two Words: a", "Package: other"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const [entry, ...more] = apt.fragment(withControl(["Package: lantern", ...lines, ""].join("\n")), place).entries;
        assert.deepEqual(more, []);
        if (!entry) return;
        assert.ok(entry.text.endsWith("\n\n"));
        assert.equal(
          entry.text
            .slice(0, -2)
            .split("\n")
            .filter((text) => text.trim() === "").length,
          0,
        );
        assert.equal(entry.text.match(/^Filename: pool\/lantern\//gm)?.length, 1);
      }),
    );
  });
});

describe("what apt could not read", () => {
  const control = "Package: lantern\nVersion: 1.0.0\n";
  for (const facts of [
    { identifier: "Lantern" },
    { identifier: "../lantern" },
    { identifier: "two words" },
    { version: "1 2" },
    { version: "1/2" },
    { version: "" },
    { architecture: "amd64 i386" },
    { architecture: "../x" },
    { architecture: "" },
  ])
    it(`is left out: ${JSON.stringify(facts)}`, () => {
      const version = withControl(control, facts);
      assert.deepEqual(apt.fragment(version, place), NOTHING);
      assert.ok(version.artifacts.every((artifact) => apt.leavesOut(artifact) !== undefined));
    });

  for (const field of ["Depends: a (", "DEPENDS : a b", "Pre-Depends: a\n ,,b", "Provides: a (> )"])
    it(`is left out: ${JSON.stringify(field)}`, () => assert.deepEqual(apt.fragment(withControl(`${control}${field}\n`), place), NOTHING));

  for (const good of [
    "",
    "a",
    "a,",
    "a, b",
    "libc6 (>= 2.34),\n libssl3:any (= 1:3.0~rc1-1+b1) | libssl1.1(<<2)",
    "python3:any, a (> 1), b (< 2)",
  ])
    it(`reads ${JSON.stringify(good)}`, () => assert.ok(isRelation(good)));
  for (const bad of [",", "a,,b", "a | ", "a b", "a (>= )", "a (1", "a)", "a (>= 1) x", "a [amd64]", "a <!nocheck>", "(>= 1)"])
    it(`does not read ${JSON.stringify(bad)}`, () => assert.ok(!isRelation(bad)));
});

describe("a suite", () => {
  it("lists each architecture it has packages for, and each package once", async () => {
    const other = withControl("Package: lantern\nVersion: 1.0.0\nArchitecture: all\n", { architecture: "all" });
    const release = readFields((await bodyOf("dists/stable/Release", sampleVersion("1.0.0"), other)).trimEnd());
    assert.equal(release.get("architectures"), "all amd64");
    assert.equal(release.get("acquire-by-hash"), "yes");
    assert.equal(release.get("date"), "Fri, 20 Nov 2026 09:00:00 GMT");
    assert.equal(release.get("valid-until"), "Fri, 27 Nov 2026 09:00:00 GMT");
  });

  it("names an index even when it has no package: apt refuses a Release without", async () => {
    for (const versions of [[], [sampleVersion("1.0.0", { yanked: "" })]]) {
      const release = readFields((await bodyOf("dists/stable/Release", ...versions)).trimEnd());
      assert.match(release.get("sha256") ?? "", /^\n [0-9a-f]{64} 0 main\/binary-all\/Packages$/);
    }
  });

  it("changes with a yanked version, of which nothing is left in it", () => {
    const fragment = apt.fragment(sampleVersion("1.0.0", { yanked: "loses notes" }), place);
    assert.deepEqual(fragment, { ...NOTHING, names: ["lantern"] });
  });

  it("is a source with its key inside, as deb822 has it", async () => {
    const source = readFields((await bodyOf("stable.sources", sampleVersion("1.0.0"))).trimEnd());
    assert.deepEqual(
      ["types", "uris", "suites", "components"].map((field) => source.get(field)),
      ["deb", addressOf(apt), "stable", "main"],
    );
    assert.match(
      source.get("signed-by") ?? "",
      /^\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n \.\n [^]+\n -----END PGP PUBLIC KEY BLOCK-----$/,
    );
  });
});
