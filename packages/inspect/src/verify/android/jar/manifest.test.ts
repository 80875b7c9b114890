import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { digestsToCheck } from "./digests.ts";
import { readAttributes, readSections } from "./manifest.ts";

const read = (text: string) => {
  const bytes = Buffer.from(text);
  return [...readSections(bytes)].map((section) => ({
    name: section.name,
    text: bytes.toString("utf8", section.start, section.end),
    attributes: Object.fromEntries(readAttributes(bytes, section)),
  }));
};

describe("manifests are read as Android reads them", () => {
  it("sections reach to the end of the empty line that closes them", () => {
    assert.deepEqual(read("A: 1\r\n\r\nName: x\r\nB: 2\r\n\r\n"), [
      { name: undefined, text: "A: 1\r\n\r\n", attributes: { a: "1" } },
      { name: "x", text: "Name: x\r\nB: 2\r\n\r\n", attributes: { name: "x", b: "2" } },
    ]);
  });

  it("lines end with CR LF, LF or CR", () => {
    for (const end of ["\r\n", "\n", "\r"])
      assert.deepEqual(
        read(`A: 1${end}${end}Name: x${end}${end}`).map(({ name }) => name),
        [undefined, "x"],
      );
  });

  it("lines go on after a space, also within a character", () => {
    const umlaut = Buffer.from("ü");
    const bytes = Buffer.concat([
      Buffer.from("Name: gr"),
      umlaut.subarray(0, 1),
      Buffer.from("\r\n "),
      umlaut.subarray(1),
      Buffer.from("n\r\n"),
    ]);
    assert.equal([...readSections(bytes)][0]?.name, "grün");
  });

  it("empty lines between sections belong to neither", () => {
    assert.deepEqual(
      read("\n\nA: 1\n\n\n\nName: x\n").map(({ text }) => text),
      ["A: 1\n\n", "Name: x\n"],
    );
  });

  it("the first of two attributes counts, whatever its case; spaces are kept", () => {
    assert.deepEqual(read("A:  1 \nA: 2\na: 3\nnothing\n")[0]?.attributes, { a: " 1 ", nothing: "" });
  });

  it("a section is about an entry only when its first line says so", () => {
    assert.deepEqual(
      read("NAME: a\n\nX: 1\nName: b\n\nName:c\n").map(({ name }) => name),
      ["a", undefined, undefined],
    );
  });
});

describe("of several digests a phone takes", () => {
  const of = (attributes: Record<string, string>, minSdk: number) =>
    digestsToCheck(new Map(Object.entries(attributes)), "-digest", minSdk).map(
      ({ hash, digest }) => `${hash} ${digest?.toString() ?? "unreadable"}`,
    );
  const [one, other] = [Buffer.from("one").toString("base64"), Buffer.from("other").toString("base64")];

  it("the strongest, from API level 18 on", () => {
    assert.equal(of({ "sha1-digest": one, "sha-256-digest": other }, 18).join(), `sha256 ${Buffer.from("other").toString()}`);
    assert.equal(of({ "sha-256-digest": one, "sha-512-digest": other }, 24)[0]?.startsWith("sha512"), true);
  });

  it("before that SHA-1, or what the section names first", () => {
    assert.deepEqual(
      of({ "sha1-digest": one, "sha-256-digest": other }, 17).map((text) => text.slice(0, 6)),
      ["sha1 o", "sha256"],
    );
    assert.deepEqual(
      of({ "digest-algorithms": "MD5 SHA1", "md5-digest": one, "sha1-digest": other }, 17).map((text) => text.slice(0, 4)),
      ["md5 ", "sha1"],
    );
  });

  it("none, when old phones do not know what is there", () => {
    assert.deepEqual(of({ "sha-256-digest": one }, 17), []);
    assert.deepEqual(of({ "digest-algorithms": "SHA-512", "sha-512-digest": one }, 8), []);
    assert.deepEqual(of({ "md5-digest": one }, 24), []);
  });

  it("none that is not base64", () => {
    assert.deepEqual(of({ "sha-256-digest": "???" }, 24), ["sha256 unreadable"]);
  });
});
