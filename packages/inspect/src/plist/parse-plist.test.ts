import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeUtf8 } from "@distd/core";
import { isBroken } from "../broken.ts";
import { parsePlist } from "./parse-plist.ts";
import { dictToJson } from "./plist-value.ts";

/** Written by Python's plistlib: every kind of value, and a key called __proto__. */
const BINARY =
  "YnBsaXN0MDDdAQIDBAUGBwgJCgsMDQ4PEBESExkaGxwdHh9ZX19wcm90b19fU2JpZ1RkYXRhVGRhdGVTaW50VGxpc3RTbmVnUm5vVHJlYWxUdGV4dFN1aWRUd2lkZVN5ZXNUbWluZRQAAAAAAAAAAIAAAAAAAAAFQgECM0HHg7aSgAAAEAejFBUWEAFRYdEXGFFrUXYT//////////0IIz/4AAAAAAAAVXBsYWlugAlkcG8AINg83+4JCCMtMTY7P0RIS1BVWV5iZ3h7hIaKjI6Rk5Wen6iusLkAAAAAAAABAQAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAug==";

const xml = (value: string): Uint8Array => encodeUtf8(`<?xml version="1.0" encoding="UTF-8"?><plist version="1.0">${value}</plist>`);
const parse = (bytes: Uint8Array) => parsePlist(bytes, 64, "the list");
const refuses = (bytes: Uint8Array) => assert.rejects(parse(bytes), isBroken);

describe("plist", () => {
  it("reads every kind of binary value", async () => {
    const dict = await parse(new Uint8Array(Buffer.from(BINARY, "base64")));
    assert.equal(Object.getPrototypeOf(dict), null);
    assert.equal(dict["__proto__"], "mine");
    assert.deepEqual(JSON.parse(JSON.stringify(dictToJson(dict)).replace("__proto__", "proto")), {
      proto: "mine",
      big: "9223372036854775813",
      data: "AQI=",
      date: "2026-01-02T03:04:05Z",
      int: 7,
      list: [1, "a", { k: "v" }],
      neg: -3,
      no: false,
      real: 1.5,
      text: "plain",
      uid: 9,
      wide: "灯 🏮",
      yes: true,
    });
  });

  it("reads every kind of XML value", async () => {
    const dict = await parse(
      xml(
        "<dict><key>a</key><string>x &amp; <![CDATA[<y>]]></string><key>b</key><array><integer>-5</integer><real>2.5</real><true/><false/></array>" +
          "<key>c</key><date>2026-01-02T03:04:05Z</date><key>d</key><data>\n AQI= </data><key>e</key><dict/><key>f</key><string></string></dict>",
      ),
    );
    const expected = { a: "x & <y>", b: [-5, 2.5, true, false], c: "2026-01-02T03:04:05Z", d: "AQI=", e: {}, f: "" };
    assert.deepEqual(JSON.parse(JSON.stringify(dictToJson(dict))), expected);
  });

  it("refuses lists that are not well-formed", async () => {
    for (const value of [
      "",
      "<string>not a dictionary</string>",
      "<dict><key>a</key></dict>",
      "<dict><string>a</string></dict>",
      "<dict><key>a</key><key>b</key></dict>",
      "<dict><key>a</key><integer>seven</integer></dict>",
      "<dict><key>a</key><date>yesterday</date></dict>",
      "<dict><key>a</key><unknown/></dict>",
      "<dict><key>a</key><string><b/></string></dict>",
      "<dict>text</dict>",
      "<dict/><dict/>",
      "<dict>",
    ]) {
      await refuses(xml(value));
    }
    await refuses(encodeUtf8("<dict/>"));
    await refuses(new Uint8Array([0x3c, 0xff, 0xfe]));
  });

  it("lets Apple's document type through and no declaration", async () => {
    const doctype = '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';
    assert.deepEqual(Object.keys(await parse(encodeUtf8(`${doctype}<plist><dict><key>a</key><true/></dict></plist>`))), ["a"]);
    await refuses(encodeUtf8('<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict/></plist>'));
  });

  it("refuses what is nested too deep or too many, in little time", async () => {
    await refuses(xml(`<dict><key>a</key>${"<array>".repeat(100_000)}`));
    await refuses(xml(`<dict><key>a</key><array>${"<true/>".repeat(250_000)}</array></dict>`));
    await refuses(sharedArrays(30));
  });
});

/** Each array holds the next one ten times: 10^depth values in a few hundred bytes. */
function sharedArrays(depth: number): Uint8Array {
  const objects: Buffer[] = [Buffer.from([0xd1, 1, 2]), Buffer.from([0x51, 0x61])];
  for (let level = 0; level < depth; level += 1) objects.push(Buffer.from([0xaa, ...Array.from({ length: 10 }, () => level + 3)]));
  objects.push(Buffer.from([0x09]));
  const offsets: number[] = [];
  let offset = 8;
  for (const object of objects) {
    offsets.push(offset >> 8, offset & 0xff);
    offset += object.length;
  }
  const trailer = Buffer.alloc(32);
  trailer[6] = 2;
  trailer[7] = 1;
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(offset), 24);
  return new Uint8Array(Buffer.concat([Buffer.from("bplist00"), ...objects, Buffer.from(offsets), trailer]));
}
