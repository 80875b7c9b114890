import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOTHING } from "../feed.ts";
import { addressOf, memoryFeed, memorySigner } from "../test-support/memory-view.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { npm } from "./index.ts";
import { isPackageName } from "./package-json.ts";

const place = { address: addressOf(npm), sign: memorySigner };

interface Packument {
  readonly "dist-tags": Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly dist: Readonly<Record<string, unknown>> }>>;
}

async function packument(
  form: "full" | "install",
  ...args: Parameters<typeof memoryFeed> extends [unknown, ...infer Rest] ? Rest : never
): Promise<Packument> {
  const file = (await memoryFeed(npm, ...args)).read(`lantern;${form}`);
  assert.equal(file?.kind, "body");
  return JSON.parse(file.kind === "body" ? file.bytes.toString() : "") as Packument;
}

function withManifest(manifest: object, version = "1.0.0") {
  const metadata = JSON.stringify({ name: "lantern", version, ...manifest });
  return { ...sampleVersion(version), artifacts: [sampleArtifact("npm", version, {}, { metadata })] };
}

describe("a version of a package", () => {
  it("says where it is, what it hashes to, and that under a signature", async () => {
    const { versions } = await packument("full", [sampleVersion("1.0.0")]);
    const { sha512 = "", sha1 } = sampleArtifact("npm", "1.0.0").digests;
    const integrity = `sha512-${Buffer.from(sha512, "hex").toString("base64")}`;
    assert.deepEqual(versions["1.0.0"]?.dist, {
      tarball: `${addressOf(npm)}/lantern/-/lantern-1.0.0.tgz`,
      shasum: sha1,
      integrity,
      signatures: [{ keyid: memorySigner.ecdsaKeys()[0]?.keyid, sig: memorySigner.ecdsa(`lantern@1.0.0:${integrity}`).signature }],
    });
  });

  it("repeats the package's own description in full, and what installing needs in short", async () => {
    const manifest = {
      description: "keeps a light on",
      bin: "./cli.js",
      dependencies: { flame: "^1.2.0" },
      scripts: { test: "node test.js", postinstall: "node build.js" },
    };
    const lies = { dist: { tarball: "https://evil.example/x.tgz" }, _id: "other@1" };
    const [full, short] = [
      await packument("full", [withManifest({ ...manifest, ...lies })]),
      await packument("install", [withManifest(manifest)]),
    ];
    const { dist, ...said } = full.versions["1.0.0"] ?? { dist: {} };
    assert.match(String(dist["tarball"]), /^https:\/\/dist\.example\.com\//);
    assert.deepEqual(said, { name: "lantern", version: "1.0.0", ...manifest, bin: { lantern: "./cli.js" }, _id: "lantern@1.0.0" });
    const { dist: shortDist, ...installed } = short.versions["1.0.0"] ?? { dist: {} };
    assert.deepEqual(shortDist, dist);
    assert.deepEqual(installed, {
      name: "lantern",
      version: "1.0.0",
      dependencies: { flame: "^1.2.0" },
      bin: { lantern: "./cli.js" },
      hasInstallScript: true,
    });
  });

  it("is deprecated when it was yanked, with the reason where there is one", async () => {
    for (const [yanked, deprecated] of [
      [undefined, undefined],
      ["", "withdrawn"],
      ['loses "notes"', 'loses "notes"'],
    ] as const) {
      const version = sampleVersion("1.0.0", { yanked });
      for (const form of ["full", "install"] as const)
        assert.equal((await packument(form, [version])).versions["1.0.0"]?.["deprecated"], deprecated);
    }
  });

  it("is one of several packages of a release", async () => {
    const scoped = sampleArtifact("npm", "1.0.0", {}, { identifier: "@acme/lantern-linux" });
    const version = sampleVersion("1.0.0");
    const { names, tags, files } = npm.fragment({ ...version, artifacts: [...version.artifacts, scoped] }, place);
    assert.deepEqual(names, ["lantern", "@acme/lantern-linux"]);
    assert.deepEqual(tags, { lantern: "1.0.0", "@acme/lantern-linux": "1.0.0" });
    assert.deepEqual(
      files.map(({ path }) => path),
      ["lantern/-/lantern-1.0.0.tgz", "@acme/lantern-linux/-/lantern-linux-1.0.0.tgz"],
    );
  });

  for (const manifest of [
    { name: "Lantern" },
    { name: "../x" },
    { name: 7 },
    { version: "1.0" },
    { version: "1.0.0/../.." },
    { version: "v1.0.0" },
  ])
    it(`is left out when no client could ask for it: ${JSON.stringify(manifest)}`, () => {
      const version = withManifest(manifest);
      assert.deepEqual(npm.fragment(version, place), NOTHING);
      assert.ok(version.artifacts.every((artifact) => npm.leavesOut(artifact) !== undefined));
    });

  it("takes names that clients take", () => {
    for (const name of ["a", "lantern", "@acme/lantern", "a.b_c-d~e", "7zip", "-"]) assert.ok(isPackageName(name), name);
    for (const name of ["", "A", ".a", "_a", "@acme", "@acme/", "@/a", "a/b", "@a/b/c", "a b", "a%2fb", "ä", "a".repeat(215)])
      assert.ok(!isPackageName(name), name);
  });
});

describe("dist-tags", () => {
  const versions = ["1.0.0", "1.1.0", "2.0.0"].map((version) => sampleVersion(version));
  const tag = (channel: string, value: string) => ({ name: "lantern", channel, value });

  for (const [what, tags, expected] of [
    ["stable is latest", [tag("beta", "2.0.0"), tag("stable", "1.1.0")], { beta: "2.0.0", stable: "1.1.0", latest: "1.1.0" }],
    ["without stable, what there is", [tag("beta", "2.0.0")], { beta: "2.0.0", latest: "2.0.0" }],
    ["stable before a channel called latest", [tag("latest", "2.0.0"), tag("stable", "1.1.0")], { stable: "1.1.0", latest: "1.1.0" }],
    ["a channel called latest", [tag("beta", "2.0.0"), tag("latest", "1.0.0")], { beta: "2.0.0", latest: "1.0.0" }],
    ["no channel", [], {}],
  ] as const)
    it(what, async () => {
      for (const form of ["full", "install"] as const) assert.deepEqual((await packument(form, versions, { tags }))["dist-tags"], expected);
      const alone = (await memoryFeed(npm, versions, { tags })).read("-/package/lantern/dist-tags");
      assert.deepEqual(JSON.parse(alone?.kind === "body" ? alone.bytes.toString() : ""), expected);
    });
});

describe("addresses", () => {
  for (const [path, accept, file] of [
    ["lantern", "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*", "lantern;install"],
    ["lantern", "application/json", "lantern;full"],
    ["@acme/lantern", "*/*", "@acme/lantern;full"],
    ["lantern/-/lantern-1.0.0.tgz", "application/json", "lantern/-/lantern-1.0.0.tgz"],
    ["-/npm/v1/keys", "application/json", "-/npm/v1/keys"],
    ["-/package/@acme/lantern/dist-tags", "*/*", "-/package/@acme/lantern/dist-tags"],
  ] as const)
    it(`${path} as ${accept}`, () => {
      const found = npm.route(path, accept);
      assert.equal(found.kind === "file" && found.path, file);
      assert.equal(found.kind === "file" && found.vary === "accept", file.includes(";"));
    });
});
