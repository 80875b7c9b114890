// Images go to the registry and come back with skopeo, as releases.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dist } from "../../support/dist.ts";
import { ADMIN_TOKEN } from "../../support/server.ts";
import { ClientFailure, type ClientRan, type Home, inHome, isHere } from "../client.ts";
import { makeImage } from "../images.ts";
import { onStage, type Stage } from "../stage.ts";

const SKOPEO = Bun.which("skopeo");
const isIn = isHere({ name: "skopeo", missing: SKOPEO === null ? "there is no skopeo" : undefined });
const PATIENCE = { timeout: 180_000 };

interface Skopeo {
  push(version: string, tag: string, token?: string): Promise<ClientRan>;
  /** The layers' digests of what the tag points to. */
  pull(tag: string, token?: string): Promise<readonly string[]>;
  tags(): Promise<readonly string[]>;
}

function openSkopeo(home: Home, { url }: Stage): Skopeo {
  const image = (tag: string): string => `docker://${new URL(url).host}/lantern:${tag}`;
  const run = (...args: readonly string[]): Promise<ClientRan> => {
    const policy = join(home.folder, "policy.json");
    if (!existsSync(policy)) writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
    return home.run([SKOPEO ?? "", "--policy", policy, "--tmpdir", home.inside("tmp"), ...args]);
  };
  const credentials = (side: "src" | "dest", token: string | undefined): readonly string[] =>
    token === undefined ? [`--${side}-no-creds`] : [`--${side}-creds`, `any:${token}`];
  return {
    async push(version, tag, token = ADMIN_TOKEN) {
      const archive = join(home.inside("images"), `${version}.tar`);
      writeFileSync(archive, makeImage(version).archive);
      return run(
        "copy",
        "--dest-tls-verify=false",
        ...credentials("dest", token === "" ? undefined : token),
        `oci-archive:${archive}`,
        image(tag),
      );
    },
    async pull(tag, token) {
      const folder = join(home.inside("pulled"), `${tag.replaceAll(/[^a-z0-9.]/gi, "-")}-${readdirSync(home.inside("pulled")).length}`);
      await run("copy", "--src-tls-verify=false", ...credentials("src", token), image(tag), `dir:${folder}`);
      const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as { layers: { digest: string }[] };
      for (const { digest } of manifest.layers)
        assert.equal(
          createHash("sha256")
            .update(readFileSync(join(folder, digest.slice(7))))
            .digest("hex"),
          digest.slice(7),
        );
      return manifest.layers.map(({ digest }) => digest);
    },
    async tags() {
      const { stdout } = await run("list-tags", "--tls-verify=false", "--no-creds", image("x").replace(/:x$/, ""));
      return (JSON.parse(stdout) as { Tags: string[] }).Tags;
    },
  };
}

const layerOf = (version: string): readonly string[] => [makeImage(version).layerDigest];

void describe("skopeo", { skip: !isIn }, () => {
  void it("pushes images that become releases, and pulls what the channels point to", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        const skopeo = openSkopeo(home, stage);
        await stage.dist("app", "create", "lantern", "--access", "public");
        await skopeo.push("1.0.0", "1.0.0");
        await skopeo.push("1.1.0", "v1.1.0");
        const { releases } = (await stage.dist("release", "list", "lantern", "--json")).json<{
          releases: { version: string; status: string }[];
        }>();
        assert.deepEqual(
          releases.map(({ version, status }) => [version, status]),
          [
            ["1.1.0", "published"],
            ["1.0.0", "published"],
          ],
        );
        // Published is not promoted: no channel offers it, and only who may push sees it.
        await assert.rejects(skopeo.pull("1.0.0"), ClientFailure);
        assert.deepEqual(await skopeo.pull("1.0.0", ADMIN_TOKEN), layerOf("1.0.0"));

        await stage.promote("1.0.0");
        assert.deepEqual(await skopeo.pull("stable"), layerOf("1.0.0"));
        assert.deepEqual(await skopeo.pull("1.0.0"), layerOf("1.0.0"));
        await stage.promote("1.1.0");
        assert.deepEqual(await skopeo.pull("latest"), layerOf("1.1.0"));
        await stage.rollback();
        assert.deepEqual(await skopeo.pull("stable"), layerOf("1.0.0"));
        assert.deepEqual(await skopeo.pull("1.1.0"), layerOf("1.1.0"), "who pins it still gets it");

        // The label says the version, the tag the channel.
        await skopeo.push("1.2.0", "beta");
        assert.deepEqual(await skopeo.pull("beta"), layerOf("1.2.0"));
        assert.deepEqual(await skopeo.tags(), ["1.0.0", "1.1.0", "1.2.0", "beta", "latest", "stable"]);
      }),
    ),
  );

  void it("is refused another image under a version, tags that mean nothing, and pushing without the right", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        const skopeo = openSkopeo(home, stage);
        await stage.dist("app", "create", "lantern", "--access", "public");
        await skopeo.push("1.0.0", "1.0.0");
        await skopeo.push("1.0.0", "1.0.0");
        const says = (pattern: RegExp) => (error: unknown) => error instanceof ClientFailure && pattern.test(error.message);
        await assert.rejects(skopeo.push("1.1.0", "1.0.0"), says(/already has other content/));
        await assert.rejects(skopeo.push("1.1.0", "Nightly_Build"), says(/neither a version nor a channel/));
        await assert.rejects(skopeo.push("1.1.0", "1.1.0", ""), says(/unauthorized|authentication required/));
        const reader = await stage.readToken("lantern");
        await assert.rejects(skopeo.push("1.1.0", "1.1.0", reader), says(/denied|may not 'publish'/));
        const { secret } = (await stage.dist("token", "create", "--scope", "publish", "--app", "lantern", "--json")).json<{
          secret: string;
        }>();
        await assert.rejects(skopeo.push("1.1.0", "stable", secret), says(/promote/));
        const { channels } = (await stage.dist("channel", "list", "lantern", "--json")).json<{ channels: unknown[] }>();
        assert.deepEqual(channels, [], "no channel has moved");
      }),
    ),
  );

  void it("reads images of an app that is not open only with a token", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        const skopeo = openSkopeo(home, stage);
        await stage.dist("app", "create", "lantern", "--access", "members");
        await skopeo.push("1.0.0", "stable");
        await assert.rejects(skopeo.pull("stable"), ClientFailure);
        assert.deepEqual(await skopeo.pull("stable", await stage.readToken("lantern")), layerOf("1.0.0"));
        await stage.dist("app", "create", "other");
        await assert.rejects(skopeo.pull("stable", await stage.readToken("other")), ClientFailure);
      }),
    ),
  );

  void it("pulls an archive of a release as it lies there, and refuses one with a changed byte", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        const skopeo = openSkopeo(home, stage);
        const cwd = home.inside("archive");
        const { archive, layer } = makeImage("2.0.0");
        writeFileSync(join(cwd, "lantern.oci"), archive);
        const publish = (version: string, file: string) => {
          writeFileSync(
            join(cwd, "dist.json"),
            JSON.stringify({ app: "lantern", access: "public", version, channel: "stable", artifacts: [{ path: file }] }),
          );
          return dist(["ci", "publish", "--json"], { server: stage.url, cwd });
        };
        const ran = await publish("2.0.0", "lantern.oci");
        assert.equal(ran.code, 0, ran.stderr);
        assert.deepEqual(await skopeo.pull("stable"), layerOf("2.0.0"));
        const spoilt = Buffer.from(archive);
        const at = spoilt.indexOf(layer) + layer.length - 1;
        spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at);
        writeFileSync(join(cwd, "spoilt.oci"), spoilt);
        const refused = await publish("2.1.0", "spoilt.oci");
        assert.equal(refused.code, 20, refused.stderr);
        assert.match(refused.stderr, /the layer .* has another digest/);
      }),
    ),
  );
});
