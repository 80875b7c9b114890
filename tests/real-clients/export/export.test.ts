import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { machineApt } from "../apt/apt.ts";
import { inHome, isHere, type RealClient } from "../client.ts";
import { makeImage } from "../images.ts";
import { withImages } from "../image-story.ts";
import { npmClient } from "../npm/npm.ts";
import { makeDeb, NAME } from "../packages.ts";
import { pipClient } from "../pip/pip.ts";
import { assertInstalled, PATIENCE, withClient } from "../scenario.ts";
import { skopeo } from "../skopeo/skopeo.ts";
import { allPackages, CHANNEL, onStage, type Stage } from "../stage.ts";
import { NGINX, startNginx } from "./nginx.ts";

const nginx = { name: "nginx", missing: NGINX === null ? "this machine has no nginx" : undefined };
const clients: readonly RealClient[] = [machineApt, npmClient("npm-10"), pipClient("pip-23", { asksForMetadata: true })];

const VERSIONED = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
const INSTALL = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
/** As clients ask, feed by feed. */
const ASKED: readonly (readonly [path: string, accept?: string])[] = [
  ["/apt/main/dists/stable/InRelease"],
  ["/apt/main/stable.sources"],
  ["/apt/main/dists/stable/main/binary-amd64/Packages.gz"],
  [`/npm/main/${NAME}`],
  [`/npm/main/${NAME}`, INSTALL],
  [`/npm/main/${NAME}/-/${NAME}-1.0.0.tgz`],
  ["/npm/main/-/npm/v1/keys"],
  [`/npm/main/-/package/${NAME}/dist-tags`],
  ["/pypi/main/stable/simple/"],
  ["/pypi/main/stable/simple/", VERSIONED],
  [`/pypi/main/stable/simple/${NAME}/`],
  [`/pypi/main/stable/simple/${NAME}/`, VERSIONED],
  ["/v2/"],
  [`/v2/${NAME}/tags/list`],
  [`/v2/${NAME}/manifests/stable`],
  [`/v2/${NAME}/manifests/1.0.0`],
  [`/v2/${NAME}/manifests/${makeImage("1.0.0").manifestDigest}`],
  [`/v2/${NAME}/blobs/${makeImage("1.0.0").layerDigest}`],
  [`/api/v3/repos/main/${NAME}`],
  [`/api/v3/repos/main/${NAME}/releases`],
  [`/api/v3/repos/main/${NAME}/releases?page=2`],
  [`/api/v3/repos/main/${NAME}/releases/latest`],
  [`/api/v1/repos/main/${NAME}/releases/tags/1.0.0`],
  [`/main/${NAME}/releases/download/1.0.0/${makeDeb({ version: "1.0.0" }).file}`],
];

const packagesOf = (version: string) => [
  ...allPackages(version),
  { file: `${NAME}.oci`, bytes: makeImage(version).archive, program: makeImage(version).program },
];

/** Exports, then lets everybody who asks at the public address reach nginx instead of distd. */
async function onMirror(
  body: (stage: Stage, mirror: { readonly folder: string; refresh(): Promise<string> }) => Promise<void>,
): Promise<void> {
  await inHome((home) =>
    onStage(async (stage) => {
      const folder = home.inside("mirror");
      const refresh = async (): Promise<string> => (await stage.dist("feed", "export", folder, "--json")).stdout;
      await stage.publish("1.0.0", { packages: packagesOf("1.0.0") });
      await refresh();
      const server = await startNginx(home.inside("nginx"), folder);
      stage.proxy.target = server.url;
      try {
        await body(stage, { folder, refresh });
      } finally {
        await server.stop();
      }
    }),
  );
}

void describe("a mirror that was exported, behind nginx", { skip: !isHere(nginx) }, () => {
  for (const client of clients) {
    void it(`is one to install from, to update from and to go back with, for ${client.name}`, { ...PATIENCE, skip: !isHere(client) }, () =>
      onMirror(async (stage, { refresh }) => {
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
          await stage.publish("1.1.0", { packages: packagesOf("1.1.0") });
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.0.0");
          await refresh();
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.1.0");
          await stage.rollback();
          await refresh();
          await settled.remove(NAME);
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
        });
      }),
    );
  }

  void it("is one to pull images from, for skopeo", { ...PATIENCE, skip: !isHere(skopeo) }, () =>
    onMirror(async (stage, { refresh }) => {
      await withImages(skopeo, stage, async (images) => {
        const pulled = async (reference: string): Promise<Buffer> => (await images.pull(`${NAME}${reference}`)).program;
        assert.ok((await pulled(":stable")).equals(makeImage("1.0.0").program));
        await stage.publish("1.1.0", { packages: packagesOf("1.1.0") });
        await refresh();
        assert.ok((await pulled(":stable")).equals(makeImage("1.1.0").program));
        assert.ok((await pulled(":1.0.0")).equals(makeImage("1.0.0").program));
        assert.ok((await pulled(`@${makeImage("1.0.0").manifestDigest}`)).equals(makeImage("1.0.0").program));
      });
    }),
  );

  void it("serves the same bytes as the server, under the same types", PATIENCE, () =>
    onMirror(async (stage) => {
      for (const [path, accept] of ASKED) {
        const headers: Record<string, string> = accept === undefined ? {} : { accept };
        const [ours, theirs] = [await stage.call("GET", path, undefined, headers), await fetch(stage.url + path, { headers })];
        assert.deepEqual([theirs.status, ours.status], [200, 200], path);
        assert.ok(Buffer.from(await theirs.arrayBuffer()).equals(Buffer.from(await ours.arrayBuffer())), `${path}: other bytes`);
        const typeOf = (answer: Response) => answer.headers.get("content-type")?.split(";")[0];
        if (!path.includes("by-hash")) assert.equal(typeOf(theirs), typeOf(ours), path);
      }
      const slashless = await fetch(`${stage.url}/pypi/main/stable/simple/${NAME}`, { redirect: "manual" });
      assert.equal(slashless.status, 308);
      for (const path of ["/npm/main/other", "/v2/other/manifests/stable", "/pypi/main/stable/simple/other/", "/apt/secret/key.asc"])
        assert.equal((await fetch(stage.url + path)).status, 404, path);
    }),
  );

  void it("changes as a whole, fetches what is new and links the rest", PATIENCE, () =>
    onMirror(async (stage, { folder, refresh }) => {
      const inode = () => statSync(join(folder, "site/npm/main", NAME, "-", `${NAME}-1.0.0.tgz`)).ino;
      const before = inode();
      const again = JSON.parse(await refresh()) as { downloaded: number; files: number };
      assert.equal(again.downloaded, 0);
      await stage.publish("1.1.0", { packages: packagesOf("1.1.0") });
      const { downloaded, files } = JSON.parse(await refresh()) as { downloaded: number; files: number };
      assert.ok(downloaded > 0 && downloaded < files, `${downloaded} of ${files}`);
      assert.equal(inode(), before);
    }),
  );

  void it("holds what everyone may read, and more only when it is named", PATIENCE, () =>
    inHome((home) =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.dist("app", "policy", NAME, "--access", "members");
        const folder = home.inside("mirror");
        const exported = async (...flags: string[]): Promise<string[]> => {
          const { stdout } = await stage.dist("feed", "export", folder, "--json", ...flags);
          return (JSON.parse(stdout) as { repositories: { name: string }[] }).repositories.map(({ name }) => name);
        };
        assert.deepEqual(await exported(), ["main"]);
        assert.deepEqual(await exported("--audience", NAME), [NAME, "main"]);
        assert.ok(statSync(join(folder, "site/apt", NAME, "dists", CHANNEL, "InRelease")).size > 0);
      }),
    ),
  );
});
