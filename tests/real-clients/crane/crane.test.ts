import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { writeTar } from "../../../fixtures/formats/make/tar-writer.ts";
import { ADMIN_TOKEN } from "../../support/server.ts";
import { isHere } from "../client.ts";
import type { SettledImages } from "../image-client.ts";
import { assertPulls, createMirror, imageName, publishImage, tellImageStory, withImages } from "../image-story.ts";
import { makeImage } from "../images.ts";
import { DEBIAN_ARCHITECTURE, NAME } from "../packages.ts";
import { PATIENCE } from "../scenario.ts";
import { onStage, type Stage } from "../stage.ts";
import { crane } from "./crane.ts";

const PLATFORMS = [DEBIAN_ARCHITECTURE, DEBIAN_ARCHITECTURE === "amd64" ? "arm64" : "amd64"].map((architecture) => `linux/${architecture}`);

tellImageStory(crane);

/** crane as one who may push, and names for it. */
function onCrane(body: (images: SettledImages, name: (reference: string) => string, stage: Stage) => Promise<void>): Promise<void> {
  return onStage((stage) =>
    withImages(crane, stage, (images) => body(images, (reference) => imageName(stage, reference), stage), ADMIN_TOKEN),
  );
}

async function said(images: SettledImages, ...args: readonly string[]): Promise<string> {
  return (await images.run(...args)).stdout.trim();
}

/** A layer with one file. */
function writeLayer(images: SettledImages): string {
  const path = join(images.folder, "layer.tar");
  writeFileSync(path, writeTar([{ path: "added", data: "one more file" }]));
  return path;
}

async function filesOf(images: SettledImages, name: string): Promise<readonly string[]> {
  const path = join(images.folder, "exported.tar");
  await images.run("export", name, path);
  const listed = Bun.spawnSync(["tar", "-tf", path], { stdout: "pipe" }).stdout.toString();
  return listed.trim().split("\n").toSorted();
}

describe("what crane does beside", { skip: !isHere(crane) }, () => {
  it("says digests without pulling, and lists tags", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await publishImage(stage, "1.0.0");
      await publishImage(stage, "1.1.0");
      for (const [tag, version] of [
        ["1.0.0", "1.0.0"],
        ["stable", "1.1.0"],
        ["latest", "1.1.0"],
      ] as const)
        assert.equal(await said(images, "digest", name(`${NAME}:${tag}`)), makeImage(version).manifestDigest);
      assert.equal(await said(images, "ls", name(NAME)), "1.0.0\n1.1.0\nlatest\nstable");
      assert.equal(await said(images, "manifest", name(`${NAME}:stable`)), makeImage("1.1.0").manifest.toString());
    }),
  );

  it("copies by digest between apps, as an image and as a release", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await publishImage(stage, "1.0.0");
      await createMirror(stage);
      const { manifestDigest, program } = makeImage("1.0.0");
      await images.run("copy", name(`${NAME}@${manifestDigest}`), name("mirror/any:Any_Tag"));
      assert.equal(await said(images, "digest", name("mirror/any:Any_Tag")), manifestDigest);
      assert.ok((await images.pull("mirror/any:Any_Tag")).program.equals(program));
      await stage.dist("app", "create", "second", "--access", "public");
      await images.run("copy", name(`mirror/any@${manifestDigest}`), name("second:1.0.0"));
      await stage.dist("channel", "promote", "second", "stable", "1.0.0");
      assert.equal(await said(images, "digest", name("second:stable")), manifestDigest);
    }),
  );

  it("adds a layer to an image that was pushed, and promotes with a tag", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await stage.dist("app", "create", NAME, "--access", "public");
      await images.push(makeImage("1.0.0"), `${NAME}:stable`);
      await images.run("append", "--base", name(`${NAME}:stable`), "--new_layer", writeLayer(images), "--new_tag", name(`${NAME}:1.1.0`));
      await images.run("tag", name(`${NAME}:1.0.0`), "beta");
      await stage.promote("1.1.0");
      assert.deepEqual(await filesOf(images, name(`${NAME}:stable`)), ["added", NAME]);
      await assertPulls(images, ":beta", "1.0.0");
    }),
  );

  it("adds a layer to an image that lies in an archive", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await publishImage(stage, "1.0.0");
      await images.run("append", "--base", name(`${NAME}:stable`), "--new_layer", writeLayer(images), "--new_tag", name(`${NAME}:1.1.0`));
      await stage.promote("1.1.0");
      assert.deepEqual(await filesOf(images, name(`${NAME}:stable`)), ["added", NAME]);
    }),
  );

  it("pushes one image for several platforms, of which each takes its own", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await createMirror(stage);
      await stage.dist("app", "create", NAME, "--access", "public");
      await images.push(makeImage("1.0.0"), "mirror:base");
      const parts = PLATFORMS.map((platform) => name(`mirror:${platform.replace("/", "-")}`));
      for (const [index, platform] of PLATFORMS.entries())
        await images.run("mutate", name("mirror:base"), "--set-platform", platform, "--tag", parts[index] ?? "");
      await images.run("index", "append", ...parts.flatMap((part) => ["--manifest", part]), "--tag", name("mirror:all"));
      await images.run("copy", name("mirror:all"), name(`${NAME}:1.0.0`));
      await stage.promote("1.0.0");
      for (const platform of PLATFORMS) {
        const config = JSON.parse(await said(images, "config", "--platform", platform, name(`${NAME}:stable`))) as { architecture: string };
        assert.equal(`linux/${config.architecture}`, platform);
      }
    }),
  );

  it("finds one image under a version and under the channel it is live on, also after another platform's was pushed", PATIENCE, () =>
    onCrane(async (images, name, stage) => {
      await stage.dist("app", "create", NAME, "--access", "public");
      await images.push(makeImage("1.0.0"), `${NAME}:1.0.0`);
      // Refused, or the version is for both from then on.
      await images
        .run("mutate", name(`${NAME}:1.0.0`), "--set-platform", PLATFORMS[1] ?? "", "--tag", name(`${NAME}:1.0.0`))
        .catch(() => {});
      await stage.promote("1.0.0");
      assert.equal(await said(images, "digest", name(`${NAME}:stable`)), await said(images, "digest", name(`${NAME}:1.0.0`)));
    }),
  );
});
