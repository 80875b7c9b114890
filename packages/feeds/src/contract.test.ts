// What every feed owes: each test runs over the registry, so a new feed is held to it by being listed.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { DistError, sha256 } from "@distd/core";
import fc from "fast-check";
import { carries, type Feed, type FeedArtifact, FEEDS, type FeedFinding, type FragmentPlace, NOTHING } from "./index.ts";
import type { OnTheWay } from "./test-support/memory-reader.ts";
import { addressOf, CHANNEL, type MemoryFeed, memoryFeed, memorySigner } from "./test-support/memory-view.ts";
import { sampleVersion, type SampleText } from "./test-support/sample-versions.ts";
import { readFields, readLinks, readStanzas } from "./test-support/strict-readers.ts";
import { verifySamples } from "./test-support/verify-samples.ts";

const VERSIONS = ["1.0.0", "1.1.0", "2.0.0"].map((version) => sampleVersion(version));
const FOLDERS_OF_ALL = new Set(["openpgp", "test-support", "verification"]);

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
    it("says nothing against what it carries", () => {
      for (const { artifacts } of VERSIONS)
        for (const artifact of artifacts.filter(({ format }) => carries(feed, format))) assert.equal(feed.leavesOut(artifact), undefined);
    });

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

    describe("verified as its clients read it", () => {
      const LIVE = VERSIONS.slice(-1);
      const carried = LIVE.flatMap(({ artifacts }) => artifacts).filter(({ format }) => carries(feed, format));

      it("has every artifact of what is live, and it is the release's", async () => {
        const { findings, asked } = await verifySamples(feed, LIVE, { offered: VERSIONS });
        assert.deepEqual(findings.map(({ artifact }) => artifact).toSorted(), carried.map(({ id }) => id).toSorted());
        const made = await memoryFeed(feed, VERSIONS);
        const fetched = asked.flatMap((path) => {
          const file = made.read(path);
          return file?.kind === "stored" && "artifact" in file.file ? [file.file.artifact] : [];
        });
        assert.deepEqual([...new Set(fetched)].toSorted(), carried.map(({ id }) => id).toSorted(), "their bytes were not all fetched");
        for (const finding of findings) {
          assert.ok("compared" in finding, JSON.stringify(finding));
          assert.ok(finding.compared.length > 0 && URL.canParse(finding.url) && finding.size > 0 && finding.note === undefined);
          const { size, sha256: digest, metadata } = carried.find(({ id }) => id === finding.artifact) ?? assert.fail();
          if (feed.id !== "oci") assert.deepEqual([finding.sha256, finding.size], [digest, size]);
          // An image is its manifest and what that names, wherever it lies.
          else assert.equal(`sha256:${finding.sha256}`, (JSON.parse(Buffer.from(metadata ?? "").toString()) as { top: string }).top);
        }
      });

      it("has nothing, and asks for nothing, of a release it carries nothing of", async () => {
        const foreign = LIVE.map((version) => ({
          ...version,
          artifacts: version.artifacts.filter(({ format }) => !carries(feed, format)),
        }));
        assert.deepEqual(await verifySamples(feed, foreign, { offered: VERSIONS }), { findings: [], asked: [] });
      });

      // One version is offered: what an index says of another is not looked at by who takes the live one.
      it("is not good with one bit of any byte changed that was read", async () => {
        const { asked } = await verifySamples(feed, LIVE);
        assert.ok(asked.length >= 2);
        for (const path of asked) {
          let size = 0;
          for (let offset = 0; offset === 0 || offset < size; offset += 1) {
            const onTheWay: OnTheWay = (read, bytes) => {
              if (read !== path) return bytes;
              size = bytes.length;
              const changed = Buffer.from(bytes);
              changed[offset] = (changed[offset] ?? 0) ^ (1 << (offset % 8));
              return changed;
            };
            const { findings } = await verifySamples(feed, LIVE, { onTheWay });
            assert.equal(findings.length, carried.length);
            assert.ok(findings.some(isProblem), `${path} passes with another byte ${offset}`);
          }
        }
      });

      it("is not good without any of the files that were read, or with nothing in one", async () => {
        const { asked } = await verifySamples(feed, LIVE, { offered: VERSIONS });
        for (const path of asked)
          for (const instead of [undefined, Buffer.alloc(0)]) {
            const { findings } = await verifySamples(feed, LIVE, {
              offered: VERSIONS,
              onTheWay: (read, bytes) => (read === path ? instead : bytes),
            });
            assert.ok(findings.some(isProblem), `${path} may be ${instead ? "empty" : "missing"}`);
          }
      });

      it("is not good while it offers an older version, or another one under the same name", async () => {
        const older = VERSIONS.slice(0, 1);
        const replaced = LIVE.map((version) => ({ ...version, artifacts: version.artifacts.map(withOtherBytes) }));
        for (const offered of [older, replaced]) {
          const { findings } = await verifySamples(feed, LIVE, { offered });
          assert.equal(findings.length, carried.length);
          assert.ok(findings.every(isProblem), JSON.stringify(findings));
        }
      });

      it("passes on what the reader throws", async () => {
        const unreachable = new DistError("network/unreachable", "dist.example.com does not answer");
        const onTheWay = (): never => {
          throw unreachable;
        };
        await assert.rejects(verifySamples(feed, LIVE, { onTheWay }), unreachable);
      });
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

/** Another build's bytes under the same names; of an image, its content. */
function withOtherBytes(artifact: FeedArtifact): FeedArtifact {
  const other = sampleVersion("9.9.9").artifacts.find(({ format }) => format === artifact.format) ?? artifact;
  const { size, sha256: digest, digests, metadata } = other;
  return { ...artifact, size, sha256: digest, digests, ...(artifact.format === "oci" && metadata && { metadata }) };
}

function isProblem(finding: FeedFinding): boolean {
  return "problem" in finding;
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
