// What every feed owes: each test runs over the registry, so a new feed is held to it by being listed.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { sha256 } from "@distd/core";
import fc from "fast-check";
import { carries, type Feed, FEEDS, type FragmentPlace, NOTHING } from "./index.ts";
import { addressOf, CHANNEL, type MemoryFeed, memoryFeed, memorySigner } from "./test-support/memory-view.ts";
import { sampleVersion, type SampleText } from "./test-support/sample-versions.ts";
import { readFields, readLinks, readStanzas } from "./test-support/strict-readers.ts";

const VERSIONS = ["1.0.0", "1.1.0", "2.0.0"].map((version) => sampleVersion(version));
const FOLDERS_OF_ALL = new Set(["openpgp", "test-support"]);

/** Anything a person can type and a database can keep. */
const anyText = fc.string({ unit: "binary", maxLength: 40 });
/** What fits into one line of a package's own description. */
const oneLine = anyText.map((text) => text.replace(/[\n\r\0]/g, " ").trim());
const anySample: fc.Arbitrary<SampleText> = fc.record({
  appName: anyText,
  notes: anyText,
  yanked: fc.option(anyText, { nil: undefined }),
  description: oneLine,
  requiresPython: oneLine,
});

function bodyOf(made: MemoryFeed, path: string): Buffer {
  const file = made.read(path);
  assert.equal(file?.kind, "body", `${path} is not there`);
  return file.kind === "body" ? file.bytes : Buffer.alloc(0);
}

/** Reads a file as strictly as its type allows, and fails when it cannot. */
function parse(contentType: string, bytes: Buffer): void {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(contentType.includes("gzip") ? gunzipSync(bytes) : bytes);
  if (contentType.includes("json")) JSON.parse(text);
  else if (contentType.startsWith("text/html")) readLinks(text);
}

/** For each feed, the files that its index files name, which must be there. */
const NAMED: Readonly<Record<string, (made: MemoryFeed) => readonly string[]>> = {
  apt(made) {
    const suite = `dists/${CHANNEL}`;
    const release = readFields(bodyOf(made, `${suite}/Release`).toString().trimEnd());
    const sums = (release.get("sha256") ?? "")
      .trim()
      .split("\n")
      .map((line) => line.trim().split(" "));
    const indexes = sums.map(([digest = "", size, name = ""]) => {
      const bytes = bodyOf(made, `${suite}/${name}`);
      assert.deepEqual([sha256(bytes), String(bytes.length)], [digest, size], name);
      const byHash = `${suite}/${name.replace(/[^/]+$/, "")}by-hash/SHA256/${digest}`;
      assert.ok(bodyOf(made, byHash).equals(bytes));
      return byHash;
    });
    const pool = sums
      .filter(([, , name = ""]) => name.endsWith("/Packages"))
      .flatMap(([, , name = ""]) => readStanzas(bodyOf(made, `${suite}/${name}`).toString()).map((stanza) => stanza.get("filename") ?? ""));
    return [...indexes, ...pool, `${suite}/InRelease`, `${suite}/Release.gpg`, "key.asc", `${CHANNEL}.sources`];
  },
  npm(made) {
    const documents = ["full", "install"].map(
      (part) => JSON.parse(bodyOf(made, `lantern;${part}`).toString()) as { versions: Record<string, { dist: { tarball: string } }> },
    );
    const tarballs = documents.flatMap(({ versions }) => Object.values(versions).map(({ dist }) => dist.tarball));
    return [
      ...tarballs.map((url) => decodeURIComponent(url.slice("https://dist.example.com/npm/main/".length))),
      "-/npm/v1/keys",
      "-/package/lantern/dist-tags",
    ];
  },
  pypi(made) {
    const folder = `${CHANNEL}/simple/lantern/`;
    const at = (url: string) => decodeURIComponent(new URL(url, `https://example.com/${folder}`).pathname.slice(1));
    const page = JSON.parse(bodyOf(made, `${folder}index.json`).toString()) as {
      files: { url: string; "core-metadata"?: { sha256: string } }[];
    };
    const links = readLinks(bodyOf(made, `${folder}index.html`).toString());
    const root = readLinks(bodyOf(made, `${CHANNEL}/simple/index.html`).toString());
    for (const file of page.files) {
      const digest = file["core-metadata"]?.sha256;
      if (digest !== undefined) assert.equal(sha256(bodyOf(made, `${at(file.url)}.metadata`)), digest);
    }
    return [
      ...page.files.map(({ url }) => at(url)),
      ...links.map(({ attributes }) => at(attributes["href"] ?? "")),
      ...root.map(({ attributes }) => `${CHANNEL}/simple/${attributes["href"]}index.json`),
    ];
  },
  oci(made) {
    const { tags } = JSON.parse(bodyOf(made, "lantern/tags/list").toString()) as { tags: string[] };
    return tags.map((tag) => `lantern/manifests/${tag}`);
  },
  github(made) {
    const releases = JSON.parse(bodyOf(made, "repos/main/lantern/releases").toString()) as {
      assets: { url: string; browser_download_url: string }[];
    }[];
    return releases.flatMap(({ assets }) =>
      assets.flatMap(({ url, browser_download_url: download }) => [
        new URL(url).pathname.slice("/api/v3/".length),
        new URL(download).pathname.slice(1).replace("/download/v", "/download/"),
      ]),
    );
  },
};

describe("registry", () => {
  it("has a folder for every feed and a feed for every folder", () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter(
      (item) => item.isDirectory() && !FOLDERS_OF_ALL.has(item.name),
    );
    assert.deepEqual(folders.map(({ name }) => name).toSorted(), FEEDS.map(({ id }) => id).toSorted());
  });
});

for (const feed of FEEDS) {
  describe(`the ${feed.id} feed`, () => {
    it("makes nothing of a release it carries nothing of", () => {
      const version = sampleVersion("1.0.0");
      const foreign = version.artifacts.filter(({ format }) => !carries(feed, format));
      const symbols = version.artifacts.map((artifact) => ({ ...artifact, role: "symbols" as const }));
      for (const artifacts of [foreign, [], ...(feed.traits.formats === "all" ? [] : [symbols])])
        assert.deepEqual(feed.fragment({ ...version, artifacts }, placeFor(feed)), NOTHING);
    });

    it("gives the same twice", async () => {
      const [once, again] = [await memoryFeed(feed, VERSIONS), await memoryFeed(feed, VERSIONS)];
      assert.deepEqual(once.fragments, again.fragments);
      assert.deepEqual(once.paths, again.paths);
      for (const path of once.paths) assert.deepEqual(once.read(path), again.read(path), path);
    });

    it("carries what it says it carries, each under a path of its own", async () => {
      const made = await memoryFeed(feed, VERSIONS);
      const carried = VERSIONS.flatMap(({ artifacts }) => artifacts).filter(({ format }) => carries(feed, format));
      assert.ok(carried.length > 0, "the samples have nothing for it");
      const files = made.fragments.flatMap((fragment) => fragment.files);
      const served = new Set(files.flatMap((file) => ("artifact" in file ? [file.artifact] : [])));
      assert.deepEqual([...served].toSorted(), carried.map(({ id }) => id).toSorted());
      assert.equal(new Set(files.map(({ path }) => path)).size, files.length);
    });

    it("has sane lists, keys, paths and names, and one text for a key", () => {
      fc.assert(
        fc.property(anySample, (text) => {
          const { entries, files, texts, names, tags } = feed.fragment(sampleVersion("1.0.0", text), placeFor(feed));
          const known = new Map<string, string>();
          for (const { list, key, text: entry } of entries) {
            assertPath(list);
            assert.ok(key !== "" && !/\p{Cc}/u.test(key), JSON.stringify(key));
            assert.equal(known.get(`${list} ${key}`) ?? entry, entry, `${list} has two texts for ${key}`);
            known.set(`${list} ${key}`, entry);
          }
          for (const { path } of [...files, ...texts]) assertPath(path);
          for (const name of names) assert.match(name, /^[@a-z0-9][a-z0-9._~+/-]*$/);
          for (const name of Object.keys(tags)) assert.ok(names.includes(name));
        }),
      );
    });

    it("writes files that can be read, whatever people and packages say", () =>
      fc.assert(
        fc.asyncProperty(anySample, anySample, async (first, second) => {
          // One version is there to be listed.
          const made = await memoryFeed(feed, [sampleVersion("1.0.0", { ...first, yanked: undefined }), sampleVersion("1.1.0", second)]);
          for (const path of made.paths) {
            const file = made.read(path);
            if (file?.kind === "body") parse(file.contentType, file.bytes);
          }
          NAMED[feed.id]?.(made);
        }),
      ));

    it("refers only to lists it was given, under paths of its own", async () => {
      const { assembled, given } = await memoryFeed(feed, VERSIONS);
      assert.ok(assembled.length > 0);
      assert.equal(new Set(assembled.map(({ path }) => path)).size, assembled.length);
      for (const { path, parts } of assembled) {
        assertPath(path);
        for (const part of parts ?? []) if (typeof part !== "string") assert.ok(given.has(part.list), `${path} names ${part.list.name}`);
      }
    });

    it("names files that are there", async () => {
      const made = await memoryFeed(feed, VERSIONS);
      const named = NAMED[feed.id]?.(made);
      assert.ok(named && named.length > 0, "the contract does not know what its index files name");
      for (const path of named) assert.ok(made.read(path), `${path} is named and not there`);
    });

    it("ends or empties what it wrote about a name that has no versions any more", async () => {
      const made = await memoryFeed(feed, [], { gone: ["lantern"], tags: [] });
      for (const { path, parts } of made.assembled) {
        const body = parts && made.read(path);
        if (body?.kind === "body") parse(body.contentType, body.bytes);
        if (path.includes("lantern")) assert.equal(parts, undefined, path);
      }
    });

    it("finds what a version's files are asked for by", async () => {
      const { fragments } = await memoryFeed(feed, VERSIONS);
      for (const { path } of fragments.flatMap(({ files, texts }) => [...files, ...texts])) {
        // What comes after a semicolon tells apart what is asked for under one address.
        const asked = path.split(";")[0] ?? "";
        const found = feed.route(asked, "*/*");
        assert.equal(found.kind, "file", path);
        assert.equal(found.kind === "file" && found.path.split(";")[0], asked);
      }
    });

    it("tells people one line after the other, with no token where none is needed", () => {
      for (const isOpen of [true, false]) {
        const lines = feed.lines({ address: addressOf(feed), repository: "main", channel: CHANNEL, isOpen });
        assert.ok(lines.length > 0 && lines.every((line) => line.trim() === line && line !== "" && !line.includes("\n")));
        if (isOpen) assert.ok(!lines.some((line) => line.includes("$DIST_TOKEN")));
      }
    });

    it("has sane traits", () => {
      const { formats, keeps, digests }: Feed["traits"] = feed.traits;
      assert.match(feed.id, /^[a-z][a-z0-9-]*$/);
      assert.ok(formats === "all" || formats.length > 0);
      assert.ok(keeps >= 1);
      assert.equal(new Set(digests).size, digests.length);
    });
  });
}

function placeFor(feed: Feed): FragmentPlace {
  return { address: addressOf(feed), sign: memorySigner };
}

function assertPath(path: string): void {
  assert.ok(path !== "" && !/\p{Cc}/u.test(path) && !path.startsWith("/"), JSON.stringify(path));
  assert.ok(
    path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    path,
  );
}
