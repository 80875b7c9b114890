import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attachSchema, createReleaseSchema, createTokenSchema, promoteSchema } from "./api.ts";

describe("bodies of requests", () => {
  it("refuse fields there are not", () => {
    assert.equal(promoteSchema.safeParse({ release: "1.4.0", excat: true }).success, false);
    assert.deepEqual(promoteSchema.parse({ release: "1.4.0" }), { release: "1.4.0", exact: false, once: false });
  });

  it("refuse notes that are not text", () => {
    assert.equal(createReleaseSchema.safeParse({ version: "1.4.0", notes: "😀" }).success, true);
    assert.equal(createReleaseSchema.safeParse({ version: "1.4.0", notes: "\ude00" }).success, false);
  });

  it("refuse links that no header or page can carry", () => {
    assert.equal(attachSchema.safeParse({ link: "https://a.example/x" }).success, true);
    for (const link of ["http://a.example", "https://a.example/\u0000", "https://a.example/é"])
      assert.equal(attachSchema.safeParse({ link }).success, false, link);
  });

  it("give a token an end and at least one scope", () => {
    const sound = { scopes: ["read"], expiresInSeconds: 60 };
    assert.deepEqual(createTokenSchema.parse(sound), { name: "token", apps: [], ...sound });
    for (const change of [
      { scopes: [] },
      { expiresInSeconds: 0 },
      { expiresInSeconds: 1e12 },
      { expiresInSeconds: undefined },
      { apps: ["../x"] },
    ]) {
      assert.equal(createTokenSchema.safeParse({ ...sound, ...change }).success, false, JSON.stringify(change));
    }
  });
});
