import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseVersion, type Sha256, sha256 } from "@distd/core";
import type { FeedArtifact, FeedSigner, FeedVersion, FeedView, FragmentPlace } from "../feed.ts";
import { assetNames } from "./asset-names.ts";
import { github } from "./index.ts";
import { newestFirst } from "./newest-first.ts";

const ADDRESS = "https://dist.test/github/main";
const NO_SIGNER = {} as FeedSigner;
const PLACE: FragmentPlace = { address: ADDRESS, sign: NO_SIGNER };

function artifact(name: string, change: Partial<FeedArtifact> = {}): FeedArtifact {
  return {
    id: `artifact-${name}`,
    name,
    size: 3,
    sha256: sha256(name),
    digests: {},
    facts: {} as FeedArtifact["facts"],
    platform: "linux",
    arch: "x64",
    format: "tarball",
    variant: "",
    role: "portable",
    ...change,
  };
}

function release(version: string, change: Partial<FeedVersion> = {}): FeedVersion {
  return {
    app: { slug: "lantern", name: "Lantern" },
    version,
    build: "",
    sortKey: parseVersion(version).sortKey,
    publishedAt: "2026-11-20T12:00:00.123Z",
    notes: "",
    artifacts: [artifact(`lantern_${version}_linux_amd64.tar.gz`)],
    ...change,
  };
}

interface Shown {
  readonly id: number;
  readonly tag_name: string;
  readonly prerelease: boolean;
  readonly published_at: string;
  readonly body: string;
  readonly assets: readonly {
    readonly id: number;
    readonly name: string;
    readonly digest: string;
    readonly browser_download_url: string;
  }[];
}

function shown(version: FeedVersion): Shown {
  return JSON.parse(github.fragment(version, PLACE).entries[0]?.text ?? "null") as Shown;
}

function view(versions: readonly FeedVersion[], channels: Readonly<Record<string, FeedVersion>>): FeedView {
  const hasList = versions.some((version) => github.fragment(version, PLACE).entries.length > 0);
  const tags = Object.entries(channels).flatMap(([channel, version]) =>
    Object.entries(github.fragment(version, PLACE).tags).map(([name, value]) => ({ name, channel, value })),
  );
  const list = { id: 7, name: "lantern/releases.json", tag: "7/1", digest: async () => ({ size: 0, sha256: "" as Sha256 }) };
  return {
    repository: { name: "main" },
    channel: "",
    address: ADDRESS,
    generation: 1,
    issuedAt: new Date(0),
    expiresAt: new Date(0),
    changed: ["lantern"],
    channels: Object.keys(channels),
    tags,
    lists: {
      get: async (name) => (hasList && name === list.name ? list : undefined),
      all: async () => (hasList ? [list] : []),
      set: async () => {},
    },
    sign: NO_SIGNER,
  };
}

async function latestOf(channels: Readonly<Record<string, FeedVersion>>): Promise<string | undefined> {
  const files = await github.assemble(view(Object.values(channels), channels));
  const [text] = files.find(({ path }) => path === "repos/main/lantern/releases/latest")?.parts ?? [];
  return typeof text === "string" ? (JSON.parse(text) as Shown).tag_name : undefined;
}

describe("github", () => {
  it("describes a release with assets whose digests clients check", () => {
    const version = release("1.4.0", { notes: '"quoted" </script>\n灯' });
    const document = shown(version);
    const [asset] = document.assets;
    assert.deepEqual(
      [document.tag_name, document.prerelease, document.published_at, document.body],
      ["v1.4.0", false, "2026-11-20T12:00:00Z", '"quoted" </script>\n灯'],
    );
    assert.equal(asset?.digest, `sha256:${version.artifacts[0]?.sha256}`);
    assert.equal(asset.browser_download_url, "https://dist.test/main/lantern/releases/download/v1.4.0/lantern_1.4.0_linux_amd64.tar.gz");
    for (const id of [document.id, asset.id]) assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.deepEqual(shown(version), document);
    assert.notEqual(shown(release("1.4.1")).id, document.id);
    assert.notEqual(shown(release("1.4.0", { build: "2" })).id, document.id);
  });

  it("carries whatever has bytes, and nothing of a release that has none", () => {
    assert.equal(github.traits.formats, "all");
    assert.equal(github.fragment(release("1.0.0", { artifacts: [] }), PLACE).names.length, 0);
  });

  it("names every asset once: files of one name get their target in front", () => {
    const [one, two, three] = [
      artifact("app.zip"),
      artifact("app.zip", { id: "b", arch: "arm64", variant: "musl" }),
      artifact("other.zip"),
    ];
    const [four, five] = [
      artifact("app.zip", { id: "c", platform: "windows" }),
      artifact("app.zip", { id: "d", platform: "windows", role: "symbols" }),
    ];
    const six = artifact("linux-x64-app.zip", { id: "e", platform: "any" });
    const names = assetNames([one, two, three, four, five, six]);
    assert.equal(new Set(names.values()).size, 6);
    assert.deepEqual([names.get(two), names.get(three), names.get(six)], ["linux-arm64-musl-app.zip", "other.zip", "linux-x64-app.zip"]);
    assert.deepEqual([names.get(four), names.get(five)], ["windows-x64-tarball-portable-app.zip", "windows-x64-tarball-symbols-app.zip"]);
  });

  it("calls a pre-release what its version says is one", () => {
    for (const version of ["1.4.0-rc.1", "2026.11-beta", "1.0rc1", "2.1.dev3"]) assert.ok(shown(release(version)).prerelease, version);
    for (const version of ["1.4.0", "1.4.0+build", "2026.11", "12", "1.0.post1", "nightly"])
      assert.ok(!shown(release(version)).prerelease, version);
  });

  it("lists the newest version first", () => {
    const versions = ["1.0.0", "1.0.0-rc.1", "1.0.0-rc.1.1", "1.10.0", "1.9.0", "1.9.0.1", "1.9"];
    const keyOf = (version: string): string => github.fragment(release(version), PLACE).entries[0]?.key ?? "";
    const ordered = versions.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    assert.deepEqual(ordered, ["1.10.0", "1.9.0.1", "1.9.0", "1.9", "1.0.0", "1.0.0-rc.1.1", "1.0.0-rc.1"]);
    assert.ok(newestFirst("ab") < newestFirst("a") && newestFirst("a", "b") < newestFirst("a", "a"));
    assert.equal(keyOf("1.4.0"), github.fragment(release("1.4.0", { build: "9" }), PLACE).entries[0]?.key, "one entry for a version");
  });

  it("gives what stable points to as the latest, else the newest that a channel has", async () => {
    const [old, recent] = [release("1.0.0"), release("2.0.0")];
    assert.equal(await latestOf({ beta: recent, stable: old }), "v1.0.0");
    assert.equal(await latestOf({ alpha: old, beta: recent }), "v2.0.0");
    assert.equal(await latestOf({}), undefined);
  });

  it("offers no yanked release, and keeps its address", () => {
    const { entries, tags, texts, files, names } = github.fragment(release("1.0.0", { yanked: "broken" }), PLACE);
    assert.deepEqual([entries, tags, names], [[], {}, ["lantern"]]);
    assert.ok(texts.some(({ path }) => path === "repos/main/lantern/releases/tags/1.0.0"));
    assert.equal(files.length, 2);
    assert.deepEqual(texts, github.fragment(release("1.0.0"), PLACE).texts);
  });

  it("gives each build addresses of its own, and the version's tag to the last", () => {
    const { texts, files } = github.fragment(release("1.0.0", { build: "412" }), PLACE);
    const paths = texts.map(({ path }) => path);
    assert.ok(paths.includes("repos/main/lantern/releases/tags/1.0.0") && paths.includes("repos/main/lantern/releases/tags/1.0.0+412"));
    assert.ok(files.some(({ path }) => path === "main/lantern/releases/download/1.0.0+412/lantern_1.0.0_linux_amd64.tar.gz"));
  });

  it("takes a tag with its v and without, and gives an asset as JSON or as bytes", () => {
    const pathOf = (path: string, accept = "*/*"): string => {
      const request = github.route(path, accept);
      return request.kind === "file" ? request.path : request.kind;
    };
    for (const tag of ["v1.0.0", "1.0.0"]) {
      assert.equal(pathOf(`repos/main/lantern/releases/tags/${tag}`), "repos/main/lantern/releases/tags/1.0.0");
      assert.equal(pathOf(`main/lantern/releases/download/${tag}/a.zip`), "main/lantern/releases/download/1.0.0/a.zip");
    }
    assert.equal(pathOf("repos/main/lantern/releases/tags/vista"), "repos/main/lantern/releases/tags/vista");
    assert.equal(pathOf("repos/main/lantern/releases/"), "repos/main/lantern/releases");
    const asset = "repos/main/lantern/releases/assets/12";
    for (const accept of ["", "*/*", "application/vnd.github+json", "application/json"]) assert.equal(pathOf(asset, accept), asset);
    const bytes = pathOf(asset, "application/octet-stream");
    assert.notEqual(bytes, asset);
    const { texts, files } = github.fragment(release("1.0.0"), PLACE);
    assert.ok(files.some(({ path }) => path.endsWith(bytes.slice(asset.length))));
    assert.ok(texts.some(({ path }) => /\/assets\/\d+$/.test(path)));
  });

  it("ends an app's files when no version is left", async () => {
    const files = await github.assemble(view([], {}));
    assert.equal(files.length, 3);
    assert.ok(files.every(({ parts }) => parts === undefined));
  });
});
