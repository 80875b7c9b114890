import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ADMIN_TOKEN } from "../support/server.ts";
import { ClientFailure, isHere, says } from "./client.ts";
import type { ImageClient, SettledImages } from "./image-client.ts";
import { makeImage, unreadIn } from "./images.ts";
import { NAME } from "./packages.ts";
import { PATIENCE, startPromoting, UPDATES } from "./scenario.ts";
import { CHANNEL, onStage, type Stage } from "./stage.ts";

/** What a tool for images goes through with a registry: the same story for all of them. */
export function tellImageStory(client: ImageClient): void {
  void describe(client.name, { skip: !isHere(client) }, () => {
    void it("pulls by channel, version and digest, and goes where the channel goes", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        await withImages(client, stage, async (images) => {
          await assertPulls(images, ":stable", "1.0.0");
          await publishImage(stage, "1.1.0", null);
          await assertPulls(images, ":stable", "1.0.0");
          await assert.rejects(images.pull(`${NAME}:1.1.0`), ClientFailure);

          await stage.promote("1.1.0");
          for (const reference of [":stable", ":latest", ":1.1.0", ":v1.1.0"]) await assertPulls(images, reference, "1.1.0");
          await assertPulls(images, `@${makeImage("1.0.0").manifestDigest}`, "1.0.0");

          await stage.rollback();
          await assertPulls(images, ":stable", "1.0.0");
          await images.forget();
          await assertPulls(images, ":stable", "1.0.0");
          // What the channel went back over is still there for who names it.
          await assertPulls(images, ":1.1.0", "1.1.0");
          await assertPulls(images, `@${makeImage("1.1.0").manifestDigest}`, "1.1.0");
        });
      }),
    );

    void it("pushes images that become releases, seen by others once they are promoted", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.dist("app", "create", NAME, "--access", "public");
        await withImages(
          client,
          stage,
          async (images) => {
            await images.push(makeImage("1.0.0"), `${NAME}:1.0.0`);
            // The same image again is the same release.
            await images.push(makeImage("1.0.0"), `${NAME}:1.0.0`);
            await images.push(makeImage("1.1.0"), `${NAME}:v1.1.0`);
            assert.deepEqual(await stage.releases(), ["1.1.0 published 1", "1.0.0 published 1"]);
            await images.forget();
            await assertPulls(images, ":1.0.0", "1.0.0");
          },
          ADMIN_TOKEN,
        );
        await withImages(client, stage, async (images) => {
          await assert.rejects(images.pull(`${NAME}:1.0.0`), ClientFailure);
          await stage.promote("1.0.0");
          await assertPulls(images, ":stable", "1.0.0");
          await stage.promote("1.1.0");
          await assertPulls(images, ":stable", "1.1.0");
          await stage.rollback();
          await assertPulls(images, ":stable", "1.0.0");
          await assertPulls(images, ":1.1.0", "1.1.0");
        });
      }),
    );

    void it("pushes to a channel, where the image's label says the version", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.dist("app", "create", NAME, "--access", "public");
        await withImages(
          client,
          stage,
          async (images) => {
            await images.push(makeImage("1.0.0"), `${NAME}:beta`);
            await images.push(makeImage("1.1.0"), `${NAME}:beta`);
          },
          ADMIN_TOKEN,
        );
        assert.deepEqual(await stage.releases(), ["1.1.0 published 1", "1.0.0 published 1"]);
        await withImages(client, stage, async (images) => {
          await assertPulls(images, ":beta", "1.1.0");
          await assertPulls(images, ":1.0.0", "1.0.0");
          await stage.rollback("beta");
          await assertPulls(images, ":beta", "1.0.0");
        });
      }),
    );

    void it("is refused other content under a version, and a tag that means nothing", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        await withImages(
          client,
          stage,
          async (images) => {
            await assert.rejects(images.push(makeImage("1.1.0"), `${NAME}:1.0.0`), says(/1\.0\.0 already has other content/));
            await assert.rejects(images.push(makeImage("1.1.0"), `${NAME}:Nightly_Build`), says(/neither a version nor a channel/));
            await assertPulls(images, ":stable", "1.0.0");
          },
          ADMIN_TOKEN,
        );
        const published = (await stage.releases()).filter((release) => !release.includes("draft"));
        assert.deepEqual(published, ["1.0.0 published 1"]);
      }),
    );

    void it("is refused pushing and moving a channel without the right", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        const push = (token: string | undefined, tag: string): Promise<void> =>
          withImages(client, stage, (images) => images.push(makeImage("1.1.0"), `${NAME}:${tag}`), token);
        await assert.rejects(push(undefined, "1.1.0"), says(client.onMissingToken));
        await assert.rejects(push(await stage.readToken(), "1.1.0"), says(/may not 'publish'/));
        await assert.rejects(push(await stage.token("publish"), CHANNEL), says(/may not 'promote'/));
        await withImages(client, stage, (images) => assertPulls(images, ":stable", "1.0.0"));
      }),
    );

    void it("refuses a layer, a config and a manifest of which one byte was changed", PATIENCE, () =>
      onStage(async (stage) => {
        // Of each part a version that nobody has pulled: engines know again what they have seen.
        for (const [part, version] of [
          ["layer", "3.0.0"],
          ["config", "3.1.0"],
          ["manifest", "3.2.0"],
        ] as const) {
          await publishImage(stage, version);
          const reference = `@${makeImage(version).manifestDigest}`;
          const before = stage.proxy.spoilt;
          stage.proxy.spoils = (path, bytes) => unreadIn(part, path, bytes);
          await withImages(client, stage, async (images) => {
            await assert.rejects(images.pull(`${NAME}${reference}`), says(client.onTamperedBytes), part);
            assert.ok(stage.proxy.spoilt > before, `the client never asked for the ${part}`);
            // The same client takes the same image once nobody is in between.
            stage.proxy.spoils = () => undefined;
            await assertPulls(images, reference, version);
          });
        }
      }),
    );

    void it("gets a members' image only with a token that may read it", PATIENCE, () =>
      onStage(
        async (stage) => {
          await publishImage(stage, "1.0.0");
          await stage.dist("app", "create", "other", "--access", "members");
          const pull = (token: string | undefined): Promise<void> =>
            withImages(client, stage, (images) => assertPulls(images, ":stable", "1.0.0"), token);
          for (const token of [undefined, await stage.readToken("other"), "not-a-token"])
            await assert.rejects(pull(token), says(client.onMissingToken));
          await pull(await stage.readToken());
        },
        { access: "members" },
      ),
    );

    void it(`never fails in ${UPDATES} pulls while releases are promoted`, PATIENCE, () =>
      onStage(async (stage) => {
        const versions = ["1.0.0", "1.1.0"];
        for (const version of versions) await publishImage(stage, version);
        const promotions = startPromoting(stage, versions);
        try {
          await withImages(client, stage, async (images) => {
            for (let count = 1; count <= UPDATES; count += 1) {
              // Every other time as on a new machine.
              if (count % 2 === 0) await images.forget();
              await assertPulls(images, ":stable", ...versions);
            }
          });
        } finally {
          await promotions.stop();
        }
        assert.ok(promotions.count() > 1, "nothing was promoted meanwhile");
      }),
    );
  });
}

/** As CI does: an archive of the image among a release's files. */
export async function publishImage(stage: Stage, version: string, channel: string | null = CHANNEL): Promise<void> {
  const { archive, program } = makeImage(version);
  await stage.publish(version, { packages: [{ file: `${NAME}.oci`, bytes: archive, program }], channel });
}

/** A name as tools take it. */
export function imageName(stage: Stage, reference: string): string {
  return `${new URL(stage.url).host}/${reference}`;
}

/** An app whose images are kept as they are. */
export async function createMirror(stage: Stage): Promise<void> {
  await stage.dist("app", "create", "mirror", "--access", "public");
  await stage.dist("app", "policy", "mirror", "--registry", "raw");
}

/** In a fresh home; with a token where one is given. */
export function withImages<T>(client: ImageClient, stage: Stage, body: (images: SettledImages) => Promise<T>, token?: string): Promise<T> {
  return client.settle({ host: new URL(stage.url).host, token }, body);
}

/** What is pulled is the program of one of the versions byte for byte, and says so where it is started. */
export async function assertPulls(images: SettledImages, reference: string, ...versions: readonly string[]): Promise<void> {
  const { program, said } = await images.pull(`${NAME}${reference}`);
  const version = versions.find((one) => program.equals(makeImage(one).program));
  assert.ok(version !== undefined, `${reference} is not the program of ${versions.join(" or ")}`);
  if (said !== undefined) assert.equal(said, version);
}
