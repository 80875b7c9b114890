import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultRole } from "./default-role.ts";

describe("defaultRole", () => {
  for (const [format, role] of [
    ["apk", "install"],
    ["deb", "install"],
    ["aab", "metadata"],
    ["idsig", "signature"],
    ["tarball", "portable"],
    ["file", "portable"],
    ["constructor", "install"],
  ] as const) {
    it(`takes a ${format} for ${role}`, () => assert.equal(defaultRole(format), role));
  }
});
