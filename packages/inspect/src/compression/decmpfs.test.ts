import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync, gunzipSync } from "node:zlib";
import { type ByteSource, memorySource } from "@distd/core";
import { decmpfs, resourceFork, tableFork } from "../../../../fixtures/formats/make/decmpfs.ts";
import { LZFSE_CONTENTS, noise } from "../../../../fixtures/formats/make/lzfse-contents.ts";
import { LZFSE_STREAMS } from "../../../../fixtures/formats/make/lzfse-streams.ts";
import { isBroken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import { openCompressed, parseCompression } from "./decmpfs.ts";

const MIB = 1024 * 1024;
const BLOCK = 65_536;
const long = noise(BLOCK + 1000);
const contentOf = (name: string): Buffer => (LZFSE_CONTENTS[name] as () => Buffer)();
const lzfse = (name: string): Buffer => gunzipSync(Buffer.from(LZFSE_STREAMS[name] as string, "base64"));
/** A block of it, without its header and the block that ends the stream. */
const lzvn = (name: string): Buffer => lzfse(name).subarray(12, -4);
const marked = (mark: number, data: Buffer): Buffer => Buffer.concat([Buffer.from([mark]), data]);
const halves = (pack: (data: Buffer) => Buffer): readonly Buffer[] => [long.subarray(0, BLOCK), long.subarray(BLOCK)].map(pack);

function open(attribute: Buffer, fork?: Buffer, maxBytes = MIB): ByteSource {
  return openCompressed(parseCompression(attribute), fork && memorySource(fork), createBudget(maxBytes));
}

describe("files that macOS compresses", () => {
  const text = contentOf("text in LZVN");
  const longText = contentOf("text in LZFSE");
  const cases: Readonly<Record<string, readonly [content: Buffer, attribute: Buffer, fork?: Buffer]>> = {
    "zlib in the attribute": [text, decmpfs(3, text.length, deflateSync(text))],
    "plain in the attribute of zlib": [text, decmpfs(3, text.length, marked(0xff, text))],
    "zlib in the fork": [long, decmpfs(4, long.length), resourceFork(halves((half) => deflateSync(half)))],
    "plain in the fork of zlib": [long, decmpfs(4, long.length), resourceFork(halves((half) => marked(0xff, half)))],
    "LZVN in the attribute": [text, decmpfs(7, text.length, lzvn("text in LZVN"))],
    "LZVN in the fork": [text, decmpfs(8, text.length), tableFork([lzvn("text in LZVN")])],
    "plain in the fork of LZVN": [long, decmpfs(8, long.length), tableFork(halves((half) => marked(0x06, half)))],
    "plain in the attribute": [text, decmpfs(9, text.length, marked(0xcc, text))],
    "plain in the fork": [long, decmpfs(10, long.length), tableFork(halves((half) => marked(0xcc, half)))],
    "LZFSE in the attribute": [longText, decmpfs(11, longText.length, lzfse("text in LZFSE"))],
    "LZFSE in the fork": [longText, decmpfs(12, longText.length), tableFork([lzfse("text in LZFSE")])],
    "plain, without a mark": [text, decmpfs(1, text.length, text)],
    nothing: [Buffer.alloc(0), decmpfs(3, 0)],
  };
  for (const [name, [content, attribute, fork]] of Object.entries(cases))
    it(`reads ${name}`, async () => {
      const source = open(attribute, fork);
      assert.equal(source.size, content.length);
      assert.ok(Buffer.from(await source.read(0, content.length)).equals(content));
      const [from, until] = [content.length >> 1, content.length];
      assert.ok(Buffer.from(await source.read(from, until - from)).equals(content.subarray(from, until)));
    });

  it("reads across the border of two blocks", async () => {
    const source = open(decmpfs(4, long.length), resourceFork(halves((half) => deflateSync(half))));
    assert.ok(Buffer.from(await source.read(BLOCK - 10, 20)).equals(long.subarray(BLOCK - 10, BLOCK + 10)));
  });

  const beyond = tableFork([text]);
  beyond.writeUInt32LE(beyond.length + 1, 4);
  const backward = tableFork([text]);
  backward.writeUInt32LE(0, 4);
  const hostile: Readonly<Record<string, readonly [attribute: Buffer, fork?: Buffer]>> = {
    "a file shorter than it says": [decmpfs(3, text.length + 1, deflateSync(text))],
    "a file longer than it says": [decmpfs(3, text.length - 1, deflateSync(text))],
    "a block that ends before it begins": [decmpfs(8, text.length), backward],
    "a block beyond the fork": [decmpfs(8, text.length), beyond],
    "fewer blocks than the file needs": [decmpfs(4, long.length), resourceFork([deflateSync(long.subarray(0, BLOCK))])],
    "more than the budget": [decmpfs(3, 2 * MIB, deflateSync(Buffer.alloc(2 * MIB)))],
    "no fork": [decmpfs(4, text.length)],
    "a fork of nothing": [decmpfs(4, text.length), Buffer.alloc(0)],
    "an unknown method": [decmpfs(13, text.length, text)],
    "another attribute": [Buffer.from("no compression at all")],
    "half an attribute": [decmpfs(3, 10).subarray(0, 12)],
    "plain content of another length": [decmpfs(1, text.length + 1, text)],
  };
  for (const [name, [attribute, fork]] of Object.entries(hostile))
    it(`refuses ${name}`, async () => {
      await assert.rejects(async () => {
        const source = open(attribute, fork);
        await source.read(0, source.size);
      }, isBroken);
    });
});
