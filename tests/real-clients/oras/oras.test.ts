import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ADMIN_TOKEN } from "../../support/server.ts";
import { isHere, says } from "../client.ts";
import type { SettledImages } from "../image-client.ts";
import { createMirror, imageName, publishImage, tellImageStory, withImages } from "../image-story.ts";
import { makeImage } from "../images.ts";
import { NAME } from "../packages.ts";
import { PATIENCE } from "../scenario.ts";
import { onStage } from "../stage.ts";
import { oras } from "./oras.ts";

const MANUAL = "application/vnd.lantern.manual";
const BILL = "application/spdx+json";

tellImageStory(oras);

/** Files lie where it runs, and are named without their folder. */
function write(images: SettledImages, name: string, text: string): void {
  writeFileSync(join(images.folder, name), text);
}

/** What was attached, by type. */
async function discovered(images: SettledImages, name: string): Promise<readonly string[]> {
  const { stdout } = await images.run("discover", "--plain-http", "--format", "json", name);
  const { referrers } = JSON.parse(stdout) as { referrers: { artifactType: string }[] };
  return referrers.map(({ artifactType }) => artifactType);
}

async function assertBill(images: SettledImages, name: string, text: string): Promise<void> {
  const { stdout } = await images.run("discover", "--plain-http", "--format", "json", "--artifact-type", BILL, name);
  const { referrers } = JSON.parse(stdout) as { referrers: { reference: string }[] };
  const [bill] = referrers;
  assert.ok(bill, `${name} has no bill of materials`);
  await images.run("pull", "--plain-http", "--output", "pulled-bill", bill.reference);
  assert.equal(readFileSync(join(images.folder, "pulled-bill", "bill.json"), "utf8"), text);
}

describe("what oras does beside", { skip: !isHere(oras) }, () => {
  it("pushes files to where images are kept as they are, attaches to them, and pulls both back", PATIENCE, () =>
    onStage(async (stage) => {
      await createMirror(stage);
      const name = imageName(stage, "mirror/manual:Any_Tag");
      await withImages(
        oras,
        stage,
        async (images) => {
          write(images, "manual.txt", "how to light it");
          await images.run("push", "--plain-http", "--artifact-type", MANUAL, name, "manual.txt:text/plain");
          write(images, "bill.json", '{"of":"manual"}');
          await images.run("attach", "--plain-http", "--artifact-type", BILL, name, "bill.json:application/json");
        },
        ADMIN_TOKEN,
      );
      await withImages(oras, stage, async (images) => {
        await images.run("pull", "--plain-http", "--output", "pulled", name);
        assert.equal(readFileSync(join(images.folder, "pulled", "manual.txt"), "utf8"), "how to light it");
        assert.deepEqual(await discovered(images, name), [BILL]);
        await assertBill(images, name, '{"of":"manual"}');
        const attach = images.run("attach", "--plain-http", "--artifact-type", BILL, name, "pulled/manual.txt:text/plain");
        await assert.rejects(attach, says(/unauthorized/i));
      });
    }),
  );

  it("attaches a bill of materials to a release's image, which others discover and take along", PATIENCE, () =>
    onStage(async (stage) => {
      await publishImage(stage, "1.0.0");
      const name = imageName(stage, `${NAME}:stable`);
      await withImages(
        oras,
        stage,
        async (images) => {
          write(images, "bill.json", '{"of":"1.0.0"}');
          await images.run("attach", "--plain-http", "--artifact-type", BILL, name, "bill.json:application/json");
        },
        await stage.token("publish"),
      );
      await publishImage(stage, "1.1.0");
      await withImages(oras, stage, async (images) => {
        assert.deepEqual(await discovered(images, name), []);
        await stage.rollback();
        await assertBill(images, name, '{"of":"1.0.0"}');
        await images.run("copy", "--recursive", "--from-plain-http", name, "--to-oci-layout", "copy:stable");
        const { stdout } = await images.run("discover", "--oci-layout", "--format", "json", `copy@${makeImage("1.0.0").manifestDigest}`);
        assert.match(stdout, new RegExp(`"artifactType": "${BILL.replace("+", "\\+")}"`));
      });
      assert.deepEqual(await stage.releases(), ["1.1.0 published 1", "1.0.0 published 1"]);
    }),
  );
});
