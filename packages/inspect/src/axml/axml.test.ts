import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeUtf8 } from "@distd/core";
import { decodeModifiedUtf8 } from "./modified-utf8.ts";
import { parseResourceConfig, type ResourceConfig } from "./resource-config.ts";
import type { ConfiguredValue, ResourceTable } from "./resource-table.ts";
import { iconChoices, localizedTexts, resolveText } from "./resolve.ts";
import type { ResValue } from "./res-value.ts";

function config(fields: Readonly<Record<number, readonly number[]>>): ResourceConfig {
  const bytes = new Uint8Array(64);
  for (const [offset, values] of Object.entries(fields)) bytes.set(values, Number(offset));
  return parseResourceConfig(bytes);
}

const ascii = (text: string): readonly number[] => [...Buffer.from(text)];
const ANY = config({});
const text = (value: string): ResValue => ({ kind: "string", text: value });
const reference = (id: number): ResValue => ({ kind: "reference", id });

function table(values: Readonly<Record<number, readonly (readonly [ResourceConfig, ResValue])[]>>): ResourceTable {
  return { valuesOf: (id): readonly ConfiguredValue[] => (values[id] ?? []).map(([own, value]) => ({ config: own, value })) };
}

describe("configurations", () => {
  it("have locales as BCP 47 writes them", () => {
    assert.equal(ANY.locale, "");
    assert.equal(config({ 8: ascii("pt"), 10: ascii("BR") }).locale, "pt-BR");
    assert.equal(config({ 8: ascii("sr"), 36: ascii("Latn") }).locale, "sr-Latn");
    assert.equal(config({ 8: [0xad, 0x05] }).locale, "fil");
  });

  it("are special where a plain phone would not use them", () => {
    assert.equal(ANY.isSpecial, false);
    assert.equal(config({ 29: [0x20] }).isSpecial, true);
    assert.equal(config({ 12: [2] }).isSpecial, true);
    assert.equal(config({ 24: [26, 0] }).isSpecial, false);
  });
});

describe("resources", () => {
  const german = config({ 8: ascii("de") });
  const newer = config({ 24: [26, 0] });
  const resources = table({
    1: [
      [german, text("Laterne")],
      [ANY, text("Lantern")],
      [newer, text("Lantern 26")],
    ],
    2: [[ANY, reference(1)]],
    3: [[ANY, reference(3)]],
    4: [[german, text("nur deutsch")]],
  });

  it("resolve to the default, newest first, through references", () => {
    assert.equal(resolveText(reference(2), resources), "Lantern 26");
    assert.equal(resolveText(text("as is"), resources), "as is");
  });

  it("are absent when they go in circles, nowhere, or have no default", () => {
    assert.equal(resolveText(reference(3), resources), undefined);
    assert.equal(resolveText(reference(99), resources), undefined);
    assert.equal(resolveText(reference(4), resources), undefined);
  });

  it("list the locales that have a text of their own", () => {
    assert.deepEqual({ ...localizedTexts(reference(1), resources) }, { de: "Laterne" });
  });

  it("choose the finest bitmap that is not finer than asked, before what scales", () => {
    const density = (value: number): ResourceConfig => config({ 14: [value & 0xff, value >> 8] });
    const icons = table({
      1: [
        [density(0xfffe), text("any.xml")],
        [density(480), text("fine.webp")],
        [density(640), text("finest.png")],
        [density(1000), text("beyond.png")],
        [ANY, text("plain.png")],
      ],
    });
    assert.deepEqual(
      iconChoices(reference(1), icons, 640).map(({ path }) => path),
      ["finest.png", "fine.webp", "plain.png", "any.xml", "beyond.png"],
    );
  });
});

describe("modified UTF-8", () => {
  it("reads both ways to write what lies beyond the basic plane", () => {
    assert.equal(decodeModifiedUtf8(encodeUtf8("a灯🏮")), "a灯🏮");
    assert.equal(decodeModifiedUtf8(new Uint8Array(Buffer.from("61eda0bcedbfae", "hex"))), "a🏮");
  });

  it("is undefined for half a pair and for noise", () => {
    for (const noise of ["eda0bc", "ff", "c3", "c080", "f8888080"])
      assert.equal(decodeModifiedUtf8(new Uint8Array(Buffer.from(noise, "hex"))), undefined, noise);
  });
});
