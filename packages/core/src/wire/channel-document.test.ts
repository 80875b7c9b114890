import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256 } from "../digest/sha256.ts";
import { type ChannelDocument, channelDocumentSchema } from "./channel-document.ts";

const sample: ChannelDocument = {
  _type: "channel",
  spec_version: "1.0",
  app: "notes",
  channel: "beta",
  sequence: 12,
  issued: "2026-11-20T10:00:00.000Z",
  expires: "2026-12-20T10:00:00.000Z",
  heads: { "android/any": { release: "rel_1", version: "1.4.0", build: "7", revision: 1 } },
  targets: {
    "sha256/aa/app.apk": {
      length: 5_000_000_000,
      hashes: { sha256: sha256("apk") },
      custom: {
        release: "rel_1",
        platform: "android",
        arch: "any",
        variant: "",
        format: "apk",
        role: "install",
        url: "https://hub.example/d/aa/app.apk",
      },
    },
  },
  links: [{ release: "rel_1", platform: "ios", url: "https://testflight.apple.com/join/x" }],
};

/** The sample with one part changed. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(sample) as unknown as Record<string, unknown>;
  const keys = path.split(" ");
  const last = keys.pop() ?? "";
  let place = copy;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

describe("the channel document", () => {
  it("accepts a sample as it is", () => {
    assert.deepEqual(channelDocumentSchema.parse(sample), sample);
    assert.deepEqual(channelDocumentSchema.parse({ ...sample, heads: {}, targets: {}, links: [] }).links, []);
  });

  it("accepts no other type, specification, sequence or word", () => {
    for (const [path, value] of [
      ["_type", "targets"],
      ["spec_version", "2.0"],
      ["sequence", 0],
      ["sequence", 1.5],
      ["sequence", "12"],
      ["expires", undefined],
      ["more", true],
      ["heads android/any revision", undefined],
      ["targets sha256/aa/app.apk length", -1],
      ["targets sha256/aa/app.apk hashes md5", "x"],
      ["targets sha256/aa/app.apk custom platform", "bsd"],
      ["targets sha256/aa/app.apk custom arch", "amd64"],
      ["targets sha256/aa/app.apk custom role", "toy"],
      ["links 0 platform", "nokia"],
    ] as const) {
      assert.equal(channelDocumentSchema.safeParse(changed(path, value)).success, false, `${path} = ${JSON.stringify(value)}`);
    }
  });
});
