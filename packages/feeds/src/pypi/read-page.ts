/** A link of a page, with its attributes as a browser reads them. */
export interface PageLink {
  readonly text: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface Page {
  readonly apiVersion: string;
  readonly title: string;
  readonly links: readonly PageLink[];
}

const TEXT = String.raw`(?:[^<>&"']|&#[0-9]{1,7};)*`;
const ATTRIBUTES = String.raw`(?: [a-z-]+="${TEXT}")*`;
const HEAD = new RegExp(
  String.raw`<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="([0-9.]+)"><title>(${TEXT})</title></head><body>\n`,
  "y",
);
const LINK = new RegExp(String.raw`<a(${ATTRIBUTES})>(${TEXT})</a><br>\n`, "y");
const END = "</body></html>\n";

/** A project's page as this feed writes it: links one after the other, and nothing else. Undefined for any other. */
export function readPage(html: string): Page | undefined {
  HEAD.lastIndex = 0;
  const [head, apiVersion = "", title = ""] = HEAD.exec(html) ?? [];
  if (head === undefined) return undefined;
  const links: PageLink[] = [];
  let at = head.length;
  for (;;) {
    LINK.lastIndex = at;
    const [link, attributes = "", text = ""] = LINK.exec(html) ?? [];
    if (link === undefined) break;
    at += link.length;
    links.push({ text: unescaped(text), attributes: readAttributes(attributes) });
  }
  return html.slice(at) === END ? { apiVersion, title: unescaped(title), links } : undefined;
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(/ ([a-z-]+)="([^"]*)"/g), ([, name = "", value = ""]) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(/&#([0-9]+);/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)));
}
