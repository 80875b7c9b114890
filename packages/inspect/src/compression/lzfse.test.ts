import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { LZFSE_CONTENTS } from "../../../../fixtures/formats/make/lzfse-contents.ts";
import { LZFSE_PLAIN_HEADER, LZFSE_STREAMS } from "../../../../fixtures/formats/make/lzfse-streams.ts";
import { isBroken } from "../broken.ts";
import { decodeLzfse } from "./lzfse.ts";
import { decodeLzvn } from "./lzvn.ts";

const MIB = 1024 * 1024;
const END = Buffer.from("bvx$");
const streamOf = (name: string): Buffer => gunzipSync(Buffer.from(LZFSE_STREAMS[name] as string, "base64"));
const contentOf = (name: string): Buffer => (LZFSE_CONTENTS[name] as () => Buffer)();
const plain = (content: string): Buffer => Buffer.concat([Buffer.from("bvx-"), u32(content.length), Buffer.from(content)]);
const lzvn = (bytes: number, ...operations: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from("bvxn"), u32(bytes), u32(operations.length + 8), lzvnEnd(...operations)]);
const lzvnEnd = (...operations: readonly number[]): Buffer => Buffer.from([...operations, 6, 0, 0, 0, 0, 0, 0, 0]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** `bits` at a place of a header's packed numbers, which begin at byte 8. */
function withField(name: string, at: number, bits: number, value: number): Buffer {
  const stream = streamOf(name);
  const word = 8 + 8 * Math.floor(at / 64);
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(at % 64);
  stream.writeBigUInt64LE((stream.readBigUInt64LE(word) & ~mask) | (BigInt(value) << BigInt(at % 64)), word);
  return stream;
}

function refuses(name: string, stream: Buffer, message: RegExp): void {
  it(`refuses ${name}`, () => {
    assert.throws(
      () => decodeLzfse(stream, MIB),
      (thrown) => isBroken(thrown) && message.test(thrown.message),
    );
  });
}

describe("lzfse", () => {
  for (const [name, content] of Object.entries(LZFSE_CONTENTS))
    it(`reads ${name}`, () => {
      const expected = content();
      assert.ok(Buffer.from(decodeLzfse(streamOf(name), expected.length)).equals(expected));
    });

  it("reads a header that is not packed", () => {
    const stream = gunzipSync(Buffer.from(LZFSE_PLAIN_HEADER, "base64"));
    assert.equal(stream.subarray(0, 4).toString(), "bvx1");
    assert.ok(Buffer.from(decodeLzfse(stream, MIB)).equals(contentOf("text in LZFSE")));
  });

  it("reads blocks of all kinds one after the other", () => {
    const names = ["text in LZFSE", "noise, which does not compress", "text in LZVN", "matches far away"];
    const stream = Buffer.concat([...names.map((name) => streamOf(name).subarray(0, -4)), END]);
    assert.ok(Buffer.from(decodeLzfse(stream, MIB)).equals(Buffer.concat(names.map(contentOf))));
  });

  it("copies from the block before", () => {
    const stream = Buffer.concat([plain("abcdef"), lzvn(3, 0x00, 0x06), END]);
    assert.equal(Buffer.from(decodeLzfse(stream, 9)).toString(), "abcdefabc");
  });

  for (const name of Object.keys(LZFSE_CONTENTS).filter((other) => other !== "zeros in several blocks"))
    it(`refuses ${name}, cut short anywhere`, () => {
      const stream = streamOf(name);
      for (let length = 0; length < stream.length; length += Math.max(1, stream.length >> 8))
        assert.throws(() => decodeLzfse(stream.subarray(0, length), MIB), isBroken, `${length} bytes`);
    });

  for (const name of Object.keys(LZFSE_CONTENTS).filter((other) => other !== "nothing"))
    it(`refuses ${name} when it is longer than announced`, () => {
      assert.throws(() => decodeLzfse(streamOf(name), contentOf(name).length - 1), isBroken);
    });

  const short = Buffer.from(streamOf("zeros"));
  short.writeUInt32LE(99_999, 4);
  refuses("a block that is longer than it says", short, /longer than it says/);
  const long = Buffer.from(streamOf("zeros"));
  long.writeUInt32LE(100_001, 4);
  refuses("a block that is shorter than it says", long, /shorter than it says/);
  const empty = Buffer.from(streamOf("zeros"));
  empty.writeUInt32LE(0, 4);
  refuses("a compressed block of nothing", empty, /block of nothing/);
  refuses("more literals than fit a block", withField("text in LZFSE", 0, 20, 40_004), /too many steps/);
  refuses("more steps than fit a block", withField("text in LZFSE", 40, 20, 10_001), /too many steps/);
  refuses("literals that are not in fours", withField("text in LZFSE", 0, 20, 41), /not in fours/);
  refuses("too few literals", withField("text in LZFSE", 0, 20, 4), /too few literals/);
  refuses("a stream longer than the data", withField("text in LZFSE", 104, 20, 0xfffff), /wanted/);
  refuses("a header shorter than its numbers", withField("text in LZFSE", 128, 32, 31), /header of 31 bytes/);
  refuses("a header without tables", withField("text in LZFSE", 128, 32, 32), /in no table|inside a number/);
  refuses("a header whose tables end early", withField("text in LZFSE", 128, 32, 60), /end early/);
  refuses("a state beyond its table", withField("text in LZFSE", 160, 10, 64), /state 64 is in no table/);
  const unbalanced = gunzipSync(Buffer.from(LZFSE_PLAIN_HEADER, "base64"));
  unbalanced.writeUInt16LE(unbalanced.readUInt16LE(50) + 1, 50);
  refuses("a table that does not sum", unbalanced, /a table of 65 states, not 64/);
  const backward = gunzipSync(Buffer.from(LZFSE_PLAIN_HEADER, "base64"));
  backward.writeInt32LE(-8, 28);
  refuses("a last byte without bits", backward, /lacks 8 bits/);
  const payload = gunzipSync(Buffer.from(LZFSE_PLAIN_HEADER, "base64"));
  payload.writeUInt32LE(1, 8);
  refuses("streams that are not the payload", payload, /not its payload/);
  refuses("a block of an unknown kind", Buffer.from("bvx3\0\0\0\0"), /unknown kind/);
  refuses("a copy from before the beginning", Buffer.concat([lzvn(4, 0x48, 5, 0x61), END]), /before the beginning/);
  refuses("a copy from nowhere", Buffer.concat([lzvn(2, 0xe1, 0x61, 0xf1), END]), /before the beginning/);
  refuses("an LZVN block of another length", Buffer.concat([lzvn(3, 0xe2, 0x61, 0x62), END]), /another length/);
});

describe("lzvn", () => {
  const decode = (...operations: readonly number[]): string => Buffer.from(decodeLzvn(lzvnEnd(...operations), 400)).toString();
  const ab = [0xe2, 0x61, 0x62] as const;

  it("reads every kind of operation", () => {
    assert.equal(decode(...ab, 0x48, 2, 0x63), "abcbcbc");
    assert.equal(decode(...ab, 0x00, 2, 0x46, 0x63), "ababacaca");
    assert.equal(decode(...ab, 0x07, 2, 0), "ababa");
    assert.equal(decode(...ab, 0xa0, 0x09, 0), "ababab");
    assert.equal(decode(...ab, 0x00, 1, 0xf2), "abbbbbb");
    assert.equal(decode(...ab, 0x00, 1, 0xf0, 0), `ab${"b".repeat(19)}`);
    assert.equal(decode(0x0e, 0x16, ...ab), "ab");
    assert.equal(decode(0xe0, 4, ...Buffer.from("01234567890123456789")), "01234567890123456789");
  });

  for (const operation of [0x1e, 0x26, 0x2e, 0x36, 0x3e, 0x70, 0x7f, 0xd0, 0xdf])
    it(`refuses operation ${operation}, which means nothing`, () => {
      assert.throws(() => decodeLzvn(lzvnEnd(operation), 100), isBroken);
    });

  it("refuses what follows its end", () => {
    assert.throws(() => decodeLzvn(Buffer.concat([lzvnEnd(), Buffer.alloc(1)]), 100), isBroken);
  });
});
