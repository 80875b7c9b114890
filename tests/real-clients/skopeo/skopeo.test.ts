import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dist, inFolder } from "../../support/dist.ts";
import { isHere } from "../client.ts";
import { publishImage, tellImageStory, withImages } from "../image-story.ts";
import { makeImage } from "../images.ts";
import { NAME } from "../packages.ts";
import { PATIENCE } from "../scenario.ts";
import { CHANNEL, onStage } from "../stage.ts";
import { skopeo } from "./skopeo.ts";

tellImageStory(skopeo);

void describe("what skopeo shows", { skip: !isHere(skopeo) }, () => {
  void it("lists what channels offer, and inspects it", PATIENCE, () =>
    onStage(async (stage) => {
      await publishImage(stage, "1.0.0");
      await publishImage(stage, "1.1.0");
      await publishImage(stage, "1.2.0", "beta");
      await publishImage(stage, "1.3.0", null);
      await withImages(skopeo, stage, async (images) => {
        const name = `docker://${new URL(stage.url).host}/${NAME}`;
        const listed = JSON.parse((await images.run("list-tags", "--tls-verify=false", name)).stdout) as { Tags: string[] };
        assert.deepEqual(listed.Tags, ["1.0.0", "1.1.0", "1.2.0", "beta", "latest", "stable"]);
        const { stdout } = await images.run("inspect", "--tls-verify=false", `${name}:stable`);
        const { Digest, Layers } = JSON.parse(stdout) as { Digest: string; Layers: string[] };
        const { manifestDigest, layerDigest } = makeImage("1.1.0");
        assert.deepEqual([Digest, Layers], [manifestDigest, [layerDigest]]);
      });
    }),
  );

  void it("has no archive to pull of which a layer is not what its manifest says: it is not published", PATIENCE, () =>
    onStage(async (stage) => {
      const { archive, layer } = makeImage("2.0.0");
      const spoilt = Buffer.from(archive);
      const at = spoilt.indexOf(layer) + layer.length - 1;
      spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at);
      const manifest = { app: NAME, access: "public", version: "2.0.0", channel: CHANNEL, artifacts: [{ path: "lantern.oci" }] };
      await inFolder({ "lantern.oci": spoilt, "dist.json": JSON.stringify(manifest) }, async (cwd) => {
        const refused = await dist(["ci", "publish", "--json"], { server: stage.url, cwd });
        assert.equal(refused.code, 20, refused.stderr);
        assert.match(refused.stderr, /the layer .* has another digest/);
      });
    }),
  );
});
