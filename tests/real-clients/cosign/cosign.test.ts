import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ADMIN_TOKEN } from "../../support/server.ts";
import { isHere, says } from "../client.ts";
import { crane } from "../crane/crane.ts";
import { createMirror, imageName, publishImage, withImages } from "../image-story.ts";
import { makeImage } from "../images.ts";
import { NAME } from "../packages.ts";
import { PATIENCE } from "../scenario.ts";
import { CHANNEL, onStage, type Stage } from "../stage.ts";
import { type Cosign, cosignThatKeeps, type SettledCosign } from "./cosign.ts";

/** What it fetches by default says which logs to tell. */
const NO_CONFIG = ["--use-signing-config=false"];
const tags = cosignThatKeeps("cosign-2", { as: "tags" });
const referrers = cosignThatKeeps("cosign-2", {
  as: "referrers",
  env: { COSIGN_EXPERIMENTAL: "1" },
  sign: ["--registry-referrers-mode=oci-1-1"],
  verify: ["--experimental-oci11"],
});
const bundles = cosignThatKeeps("cosign-3", { as: "bundles", sign: NO_CONFIG, attest: NO_CONFIG });

const SIGNED = `${NAME}@${makeImage("1.0.0").manifestDigest}`;
const REFUSED = /no signatures found|no matching (?:signatures|attestations)|error verifying/;

function withCosign<T>(cosign: Cosign, stage: Stage, body: (settled: SettledCosign) => Promise<T>, token?: string): Promise<T> {
  return cosign.settle({ host: new URL(stage.url).host, token }, body);
}

/** Signs an image as who may publish; the body gets the public key while its file is there, and verifies as anybody. */
async function signing(
  cosign: Cosign,
  stage: Stage,
  reference: string,
  body: (reader: SettledCosign, publicKey: string, signer: SettledCosign) => Promise<void>,
): Promise<void> {
  const [app] = reference.split(/[:@]/);
  const name = imageName(stage, reference);
  return withCosign(
    cosign,
    stage,
    async (signer) => {
      const publicKey = await signer.makeKey("ours");
      await signer.sign(name, "ours");
      await withCosign(cosign, stage, (reader) => body(reader, publicKey, signer));
    },
    await stage.token("publish", app),
  );
}

for (const cosign of [tags, referrers, bundles]) {
  describe(cosign.name, { skip: !isHere(cosign) || !isHere(crane) }, () => {
    it("signs a release's image, and everyone verifies what a channel points to", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        const { manifestDigest } = makeImage("1.0.0");
        const stable = imageName(stage, `${NAME}:${CHANNEL}`);
        await signing(cosign, stage, `${NAME}@${manifestDigest}`, async (reader, publicKey) => {
          assert.ok((await reader.verify(stable, publicKey)).stdout.includes(manifestDigest));
          // The next release nobody has signed.
          await publishImage(stage, "1.1.0");
          await assert.rejects(reader.verify(stable, publicKey), says(REFUSED));
          await stage.rollback();
          await reader.verify(stable, publicKey);
        });
        // Signatures are no releases.
        assert.deepEqual(await stage.releases(), ["1.1.0 published 1", "1.0.0 published 1"]);
        const { stdout } = await withImages(crane, stage, (images) => images.run("ls", imageName(stage, NAME)), ADMIN_TOKEN);
        assert.equal(stdout.includes(`${manifestDigest.replace(":", "-")}.sig`), cosign.keepsAs === "tags");
      }),
    );

    it("signs what was pushed before it is promoted", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.dist("app", "create", NAME, "--access", "public");
        const image = makeImage("1.0.0");
        await withImages(crane, stage, (images) => images.push(image, `${NAME}:1.0.0`), ADMIN_TOKEN);
        await signing(cosign, stage, `${NAME}@${image.manifestDigest}`, async (reader, publicKey) => {
          await stage.promote("1.0.0");
          await reader.verify(imageName(stage, `${NAME}:${CHANNEL}`), publicKey);
        });
      }),
    );

    it("attests to a release's image", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        const name = imageName(stage, SIGNED);
        await signing(cosign, stage, SIGNED, async (reader, publicKey, signer) => {
          await signer.attest(name, "ours", "it was built here");
          const { stdout } = await reader.verifyAttestation(imageName(stage, `${NAME}:${CHANNEL}`), publicKey);
          const { payload } = JSON.parse(stdout) as { payload: string };
          assert.match(Buffer.from(payload, "base64").toString(), /it was built here/);
        });
      }),
    );

    it("signs an image that is kept as it is", PATIENCE, () =>
      onStage(async (stage) => {
        await createMirror(stage);
        const image = makeImage("1.0.0");
        await withImages(crane, stage, (images) => images.push(image, "mirror:Any_Tag"), ADMIN_TOKEN);
        await signing(cosign, stage, `mirror@${image.manifestDigest}`, async (reader, publicKey) => {
          await reader.verify(imageName(stage, "mirror:Any_Tag"), publicKey);
        });
      }),
    );

    it("refuses another key, and a signature of which one byte was changed", PATIENCE, () =>
      onStage(async (stage) => {
        await publishImage(stage, "1.0.0");
        const name = imageName(stage, SIGNED);
        await signing(cosign, stage, SIGNED, async (reader, publicKey, signer) => {
          const another = await signer.makeKey("another");
          await assert.rejects(reader.verify(name, another), says(REFUSED));
          // What is signed, or the bundle around it.
          stage.proxy.spoils = (path, { length }) => (path.includes("/blobs/sha256:") ? length >> 1 : undefined);
          await assert.rejects(reader.verify(name, publicKey), says(REFUSED));
          assert.ok(stage.proxy.spoilt > 0);
          stage.proxy.spoils = () => undefined;
          await reader.verify(name, publicKey);
        });
      }),
    );

    it("signs only with the right to publish, and verifies a members' image only with a token", PATIENCE, () =>
      onStage(
        async (stage) => {
          await publishImage(stage, "1.0.0");
          const name = imageName(stage, SIGNED);
          const token = await stage.readToken();
          const attempt = withCosign(
            cosign,
            stage,
            async (reader) => {
              await reader.makeKey("ours");
              await reader.sign(name, "ours");
            },
            token,
          );
          await assert.rejects(attempt, says(/DENIED/));
          await signing(cosign, stage, SIGNED, async (stranger, publicKey) => {
            await assert.rejects(stranger.verify(name, publicKey), says(/UNAUTHORIZED/));
            await withCosign(cosign, stage, async (reader) => void (await reader.verify(name, publicKey)), token);
          });
        },
        { access: "members" },
      ),
    );
  });
}

describe("cosign copy", { skip: !isHere(tags) || !isHere(crane) }, () => {
  it("takes an image and its signature to an app, where others see it once it is promoted", PATIENCE, () =>
    onStage(async (stage) => {
      await createMirror(stage);
      await stage.dist("app", "create", NAME, "--access", "public");
      const image = makeImage("1.0.0");
      await withImages(crane, stage, (images) => images.push(image, "mirror:tried"), ADMIN_TOKEN);
      await withCosign(
        tags,
        stage,
        async (signer) => {
          const publicKey = await signer.makeKey("ours");
          await signer.sign(imageName(stage, `mirror@${image.manifestDigest}`), "ours");
          await signer.run("copy", "--allow-http-registry", imageName(stage, "mirror:tried"), imageName(stage, `${NAME}:1.0.0`));
          await withImages(crane, stage, async (images) => {
            await assert.rejects(images.pull(`${NAME}:1.0.0`), "nothing promotes it yet");
            await assert.rejects(images.pull(`${NAME}@${image.manifestDigest}`), "nothing promotes it yet");
          });
          await stage.promote("1.0.0");
          await withCosign(tags, stage, async (reader) => void (await reader.verify(imageName(stage, `${NAME}:stable`), publicKey)));
        },
        ADMIN_TOKEN,
      );
    }),
  );
});
