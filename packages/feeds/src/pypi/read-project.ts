import { isDeepStrictEqual } from "node:util";
import type { FeedReader } from "../feed.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { type JsonObject, listOf, objectOf, textOf } from "../verification/json-values.ts";
import { jsonOfFile, readIndex, readTextIndex } from "../verification/read-index.ts";
import { type PageLink, readPage } from "./read-page.ts";

const JSON_TYPE = "application/vnd.pypi.simple.v1+json";
/** What pip sends, and what an older one does. */
const PIP_ACCEPT = `${JSON_TYPE}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01`;
const HTML_ACCEPT = "text/html";

/** A project's page. */
export interface Project {
  readonly url: string;
  readonly versions: readonly unknown[];
  /** By file name. */
  readonly files: ReadonlyMap<string, JsonObject>;
}

/** Throws `FeedMismatch` when the page in JSON and the page in HTML do not say the same. */
export async function readProject(reader: FeedReader, index: string, name: string): Promise<Project> {
  const url = `${index}/${name}/`;
  const answer = await readIndex(reader, url, { accept: PIP_ACCEPT });
  // pip passes over a page of another type.
  expectSame("unreadable", url, "its type", JSON_TYPE, answer.header("content-type")?.split(";")[0]);
  const json = objectOf(jsonOfFile(url, answer));
  const html = readPage(await readTextIndex(reader, url, { accept: HTML_ACCEPT }));
  if (!html) throw new FeedMismatch("unreadable", url, "it is no page of links");
  const version = textOf(objectOf(json["meta"])["api-version"]) ?? "";
  if (!/^1\.[0-9]+$/.test(version))
    throw new FeedMismatch("unreadable", url, `it follows version ${JSON.stringify(version)} of the specification`);
  expectSame("contradiction", url, "the version of the page in HTML", version, html.apiVersion);
  expectSame("contradiction", url, "the title of the page in HTML", `Links for ${name}`, html.title);
  expectSame("contradiction", url, "its name", name, textOf(json["name"]));
  const files = new Map(listOf(json["files"]).map((file) => [textOf(objectOf(file)["filename"]) ?? "", objectOf(file)]));
  expectSame("contradiction", url, "the number of files in HTML", String(files.size), String(html.links.length));
  for (const link of html.links) compareLink(url, link, files.get(link.text));
  return { url, versions: listOf(json["versions"]), files };
}

function compareLink(url: string, { text, attributes }: PageLink, file: JsonObject | undefined): void {
  const { sha256 } = objectOf(file?.["hashes"]);
  const metadata = objectOf(file?.["core-metadata"])["sha256"];
  const yanked = file?.["yanked"];
  const expected = {
    href: `${textOf(file?.["url"])}#sha256=${textOf(sha256)}`,
    "data-requires-python": textOf(file?.["requires-python"]),
    // pip 22.3 to 23.0 know the older name alone.
    "data-dist-info-metadata": metadata && `sha256=${textOf(metadata)}`,
    "data-core-metadata": metadata && `sha256=${textOf(metadata)}`,
    "data-yanked": yanked === true ? "" : yanked === false ? undefined : String(yanked),
  };
  const said = Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined));
  if (!isDeepStrictEqual(Object.fromEntries(attributes), said))
    throw new FeedMismatch("contradiction", url, `the pages in HTML and JSON do not say the same of ${JSON.stringify(text.slice(0, 100))}`);
}
