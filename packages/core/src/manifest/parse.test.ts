import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import { type ManifestProblem, parseManifest } from "./parse.ts";

/** A sound manifest, one member a line: the first on line 2. */
const GOOD = {
  $schema: '"https://example.com/dist.schema.json"',
  app: '"notes"',
  version: '"1.4.0"',
  build: "7",
  channel: '"beta"',
  artifacts: '[{ "path": "out/app.apk" }, { "link": "https://testflight.apple.com/join/x", "platform": "ios" }]',
};

const manifest = (change: Readonly<Record<string, string | undefined>> = {}): string =>
  `{\n${Object.entries({ ...GOOD, ...change })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  "${key}": ${value}`)
    .join(",\n")}\n}`;

const parse = (input: string | Uint8Array) => parseManifest(typeof input === "string" ? encodeUtf8(input) : input, "dist.json");

function refusal(input: string | Uint8Array): DistError {
  try {
    parse(input);
  } catch (error) {
    assert.ok(error instanceof DistError && error.code === "manifest/invalid", String(error));
    return error;
  }
  return assert.fail("the manifest was accepted");
}

/** Every problem as `line:column field`. */
const places = (input: string | Uint8Array) =>
  (refusal(input).details["problems"] as ManifestProblem[]).map(({ line, column, field }) => `${line}:${column} ${field}`);

describe("parseManifest", () => {
  it("reads a sound manifest, and takes the v off its version", () => {
    const { manifest: read } = parse(manifest({ version: '"v1.4.0"' }));
    assert.deepEqual([read.app, read.version, read.build, read.channel, read.artifacts.length], ["notes", "1.4.0", 7, "beta", 2]);
  });

  it("takes a byte order mark as no part of the text", () => {
    assert.equal(parse(`\ufeff${manifest()}`).manifest.app, "notes");
    assert.deepEqual(places("\ufeff{]"), ["1:2 "]);
  });

  it("points at the line, column and field of each mistake", () => {
    for (const [change, expected] of [
      [{ app: '"Notes!"' }, "3:10 app"],
      [{ app: "7" }, "3:10 app"],
      [{ app: undefined }, "1:1 app"],
      [{ version: '"vv1"' }, "4:14 version"],
      [{ version: '"1/2"' }, "4:14 version"],
      [{ version: "1.4" }, "4:14 version"],
      [{ build: '"a b"' }, "5:12 build"],
      [{ build: "-1" }, "5:12 build"],
      [{ channel: '"releases"' }, "6:14 channel"],
      [{ channel: '"v2"' }, "6:14 channel"],
      [{ channel: "null" }, "6:14 channel"],
      [{ artifacts: "[]" }, "7:16 artifacts"],
      [{ artifacts: "{}" }, "7:16 artifacts"],
      [{ artifacts: undefined }, "1:1 artifacts"],
      [{ artifacts: "[7]" }, "7:17 artifacts[0]"],
      [{ artifacts: "[{}, {}]" }, "7:17 artifacts[0].path,7:21 artifacts[1].path"],
      [{ artifacts: '[{ "path": "" }]' }, "7:27 artifacts[0].path"],
      [{ artifacts: '[{ "path": 5 }]' }, "7:27 artifacts[0].path"],
      [{ artifacts: '[{ "link": 5 }]' }, "7:27 artifacts[0].link,7:17 artifacts[0].platform"],
      [{ artifacts: '[{ "link": "http://example.com", "platform": "ios" }]' }, "7:27 artifacts[0].link"],
      [{ artifacts: '[{ "link": "https://example.com/a\\u0000", "platform": "ios" }]' }, "7:27 artifacts[0].link"],
      [{ artifacts: '[{ "link": "https://example.com" }]' }, "7:17 artifacts[0].platform"],
      [{ artifacts: '[{ "path": "a", "link": "https://example.com" }]' }, "7:40 artifacts[0].link"],
      [{ artifacts: '[{ "path": "a" },\n { "path": "b", "arch": "sparc" }]' }, "8:25 artifacts[1].arch"],
      [{ artifacts: '[{ "path": "a", "arch": "constructor" }]' }, "7:40 artifacts[0].arch"],
      [{ artifacts: '[{ "path": "a", "platform": "bsd" }]' }, "7:44 artifacts[0].platform"],
      [{ artifacts: '[{ "path": "a", "install": { "mode": "side" } }]' }, "7:53 artifacts[0].install.mode"],
      [{ artifacts: '[{ "path": "a", "colour": "red" }]' }, "7:42 artifacts[0].colour"],
      [{ artifacts: '[{ "path": "a" }, { "path": "b" }, { "path": "a" }]' }, "7:51 artifacts[2]"],
      [{ extra: "true" }, "8:12 extra"],
      [{ "artifacts/0": "true", artifacts: "[{}]" }, "8:18 artifacts/0,7:17 artifacts[0].path"],
    ] as const) {
      assert.deepEqual(places(manifest(change)).toSorted(), expected.split(",").toSorted(), JSON.stringify(change));
    }
  });

  it("points at the place where the text is no JSON", () => {
    for (const [text, expected] of [
      [manifest().replace('"beta"', '"beta'), "6:20 "],
      [manifest({ build: '7,\n  "app": "again"' }), "6:3 "],
      [`${manifest()}\nmore`, "9:1 "],
      [manifest({ build: "[".repeat(80) }), "5:76 "],
      ["", "1:1 "],
      ["[]", "1:1 "],
      ["null", "1:1 "],
    ] as const) {
      assert.deepEqual(places(text), [expected], text);
    }
  });

  it("points at the first byte that is not UTF-8", () => {
    const [before = "", after = ""] = manifest().split("out/app");
    for (const bytes of [[0xe9], [0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f]]) {
      assert.deepEqual(places(Buffer.concat([encodeUtf8(before), Uint8Array.from(bytes), encodeUtf8(after)])), ["7:28 "]);
    }
    assert.deepEqual(places(Buffer.concat([encodeUtf8('{"é😀'), Uint8Array.from([0xf0, 0x9f])])), ["1:6 "]);
    assert.equal(refusal(Uint8Array.from([0xff])).message, "dist.json:1:1: text is not valid UTF-8");
  });

  it("finds all mistakes at once", () => {
    const text = manifest({
      app: '"Notes!"',
      version: '"vv1"',
      extra: "1",
      artifacts: '[{ "path": "a" }, { "path": "a" }, { "path": 7, "more": 1 }]',
    });
    assert.deepEqual(
      places(text).toSorted(),
      ["3:10 app", "4:14 version", "7:34 artifacts[1]", "7:61 artifacts[2].path", "7:72 artifacts[2].more", "8:12 extra"].toSorted(),
    );
  });

  it("shows the first mistake in its message, and how many more there are", () => {
    const error = refusal(manifest({ channel: '"releases"', version: '"vv1"' }));
    assert.match(error.message, /^dist\.json:4:14: version: 'vv1' is not a version \(and 1 more\)$/);
    const swapped = '{ "extra": 1, "artifacts": [7, {}],\n"app": "x!", "version": "vv1" }';
    assert.deepEqual(places(swapped), ["1:12 extra", "1:29 artifacts[0]", "1:32 artifacts[1].path", "2:8 app", "2:25 version"]);
    const { problems, ...rest } = error.details;
    assert.deepEqual(rest, { file: "dist.json", line: 4, column: 14, field: "version" });
    assert.equal((problems as unknown[]).length, 2);
  });

  it("says what is wrong in words of the manifest", () => {
    for (const [change, expected] of [
      [{ channel: '"releases"' }, /'releases' is not a channel name/],
      [{ extra: "1" }, /there is no field 'extra'/],
      [{ artifacts: '[{ "path": "a" }, { "path": "a" }]' }, /'a' is listed twice/],
      [{ artifacts: '[{ "path": "a", "arch": "sparc" }]' }, /not an architecture/],
      [{ artifacts: '[{ "link": "https://example.com", "link2": 1, "platform": "ios" }]' }, /there is no field 'link2'/],
      [{ build: "-1" }, />=0/],
    ] as const) {
      assert.match(refusal(manifest(change)).message, expected);
    }
  });

  it("takes keys that objects have by themselves for unknown fields", () => {
    const text = manifest({ artifacts: '[{ "path": "a", "__proto__": { "role": "update" } }]', constructor: "1" });
    assert.deepEqual(places(text.replace(/\n}$/, ',\n  "__proto__": { "app": "x" }\n}')).toSorted(), [
      "7:45 artifacts[0].__proto__",
      "8:18 constructor",
      "9:16 __proto__",
    ]);
  });

  it("makes the error for what the files say about a sound manifest", () => {
    const error = parse(manifest()).reject(["artifacts", 1, "platform"], "the bytes say android");
    assert.equal(error.message, "dist.json:7:105: artifacts[1].platform: the bytes say android");
    assert.equal(error.code, "manifest/invalid");
  });

  it("throws nothing but manifest/invalid, whatever the bytes and values", () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    const fields = fc
      .dictionary(fc.constantFrom(...Object.keys(GOOD), "notes", "parts", "x"), fc.json({ maxDepth: 3 }))
      .map((change) => encodeUtf8(manifest(change)));
    fc.assert(
      fc.property(fc.oneof(bytes, fields), (input) => {
        try {
          parse(input);
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "manifest/invalid", String(error));
        }
      }),
    );
  });
});
