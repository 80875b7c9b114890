import assert from "node:assert/strict";

/** A link of a page, with what a browser would read. */
export interface PageLink {
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

const TEXT = String.raw`[^<>&"']|&#[0-9]+;`;
const ATTRIBUTE = String.raw` ([a-z-]+)="((?:${TEXT})*)"`;
const LINK = new RegExp(`<a((?:${ATTRIBUTE})*)>((?:${TEXT})*)</a><br>\n`, "y");
const HEAD = /<!DOCTYPE html>\n<html><head><meta name="[a-z:-]+" content="[0-9.]+"><title>[A-Za-z0-9 .-]+<\/title><\/head><body>\n/y;

/** Reads pages that are nothing but links; whatever else stands in one is an error. */
export function readLinks(page: string): readonly PageLink[] {
  HEAD.lastIndex = 0;
  assert.ok(HEAD.test(page), `not the head of a page: ${page.slice(0, 200)}`);
  let at = HEAD.lastIndex;
  const links: PageLink[] = [];
  for (;;) {
    LINK.lastIndex = at;
    const found = LINK.exec(page);
    if (!found) break;
    at = LINK.lastIndex;
    const attributes: Record<string, string> = {};
    for (const [, name = "", value = ""] of (found[1] ?? "").matchAll(new RegExp(ATTRIBUTE, "g"))) attributes[name] = unescaped(value);
    links.push({ attributes, text: unescaped(found.at(-1) ?? "") });
  }
  assert.equal(page.slice(at), "</body></html>\n");
  return links;
}

function unescaped(text: string): string {
  return text.replace(/&#([0-9]+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** Stanzas of fields, as apt reads them: by lines that end with a line feed, each stanza ended by an empty one. */
export function readStanzas(text: string): readonly ReadonlyMap<string, string>[] {
  if (text === "") return [];
  assert.ok(text.endsWith("\n\n"), "the last stanza is not ended");
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((stanza) => readFields(stanza));
}

export function readFields(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of stanza.split("\n")) {
    if (/^[ \t]/.test(line)) {
      assert.ok(last !== "" && line.trim() !== "", `a continued line of nothing: ${JSON.stringify(line)}`);
      fields.set(last, `${fields.get(last)}\n${line}`);
      continue;
    }
    const [, name = "", value = ""] = /^([!-9;-~]+):[ \t]*([^]*)$/.exec(line) ?? [];
    assert.notEqual(name, "", `no field: ${JSON.stringify(line)}`);
    assert.ok(!fields.has(name.toLowerCase()), `${name} stands there twice`);
    last = name.toLowerCase();
    fields.set(last, value);
  }
  return fields;
}
