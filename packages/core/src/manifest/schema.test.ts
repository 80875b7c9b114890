import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLinkEntry, manifestJsonSchema, manifestSchema } from "./schema.ts";

const sound = { app: "notes", version: "1.4.0", artifacts: [{ path: "app.apk" }] };
const accepts = (change: Record<string, unknown>) => manifestSchema.safeParse({ ...sound, ...change }).success;

describe("the manifest's schema", () => {
  it("is published as JSON Schema with every field and what is required", () => {
    const schema = manifestJsonSchema() as { required: string[]; properties: Record<string, unknown>; additionalProperties: boolean };
    assert.deepEqual(schema.required.toSorted(), ["app", "artifacts", "version"]);
    const fields = ["$schema", "access", "app", "artifacts", "build", "channel", "name", "notes", "parts", "version"];
    assert.deepEqual(Object.keys(schema.properties).toSorted(), fields);
    assert.equal(schema.additionalProperties, false);
  });

  it("has limits, and accepts what reaches them", () => {
    const entries = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `file-${index}` }));
    for (const [field, good, bad] of [
      ["notes", "x".repeat(65_536), "x".repeat(65_537)],
      ["artifacts", entries(500), entries(501)],
      ["parts", ["x", "x".repeat(64)], ["x".repeat(65)]],
      ["parts", entries(64).map(({ path }) => path), entries(65).map(({ path }) => path)],
      ["build", "x".repeat(64), "x".repeat(65)],
      ["build", "0", ""],
      ["build", "10.0-0", "-1"],
      ["build", 0, 1.5],
      ["build", Number.MAX_SAFE_INTEGER, 2 ** 53],
      ["name", "x".repeat(100), "x".repeat(101)],
    ] as const) {
      assert.ok(accepts({ [field]: good }), field);
      assert.ok(!accepts({ [field]: bad }), field);
    }
  });

  it("accepts only the words there are", () => {
    const entry = (change: Record<string, unknown>) => accepts({ artifacts: [{ path: "a", ...change }] });
    assert.ok(accepts({ access: "testers" }) && !accepts({ access: "everyone" }));
    assert.ok(entry({ role: "symbols" }) && !entry({ role: "toy" }));
    assert.ok(entry({ platform: "any", arch: "x86_64", variant: "musl" }) && !entry({ variant: "Musl" }));
    assert.ok(entry({ install: { mode: "ad-hoc" } }) && !entry({ install: { mode: "ad-hoc", more: 1 } }));
    assert.ok(entry({ part: "linux/x64" }) && !entry({ part: "Linux" }) && !entry({ part: "../x " }));
    assert.ok(entry({ format: "appimage" }) && entry({ format: "x" }) && !entry({ format: "App" }));
    assert.ok(entry({ format: "x".repeat(32) }) && !entry({ format: "x".repeat(33) }));
  });

  it("accepts links that are https addresses in visible ASCII", () => {
    const link = (text: string) => accepts({ artifacts: [{ link: text, platform: "ios" }] });
    for (const text of ["https://testflight.apple.com/join/x", "https://a.example/%20?a=b#c", "HTTPS://A.example/"])
      assert.ok(link(text), text);
    const hostile = [
      "http://a.example",
      "javascript:alert(1)",
      "https:a",
      "https://",
      "https://a b/",
      "https://a.example/x y",
      "https://a.example/é",
      "https://a.example/\u0000",
    ];
    for (const text of hostile) assert.ok(!link(text), JSON.stringify(text));
  });

  it("refuses notes that are not text", () => {
    assert.ok(accepts({ notes: "😀" }) && !accepts({ notes: "\ud83d" }));
  });

  it("tells links from files", () => {
    const { artifacts } = manifestSchema.parse({ ...sound, artifacts: [{ path: "a" }, { link: "https://a.example/", platform: "ios" }] });
    assert.deepEqual(artifacts.map(isLinkEntry), [false, true]);
  });
});
