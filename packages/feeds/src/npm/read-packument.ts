import { isDeepStrictEqual } from "node:util";
import type { FeedReader } from "../feed.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { type JsonObject, objectOf, textOf } from "../verification/json-values.ts";
import { readJsonIndex } from "../verification/read-index.ts";

/** What npm sends when it installs, and when it looks. */
const INSTALL_ACCEPT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
const FULL_ACCEPT = "application/json";

/** A package's document, in its full and its short form. */
export interface Packument {
  readonly url: string;
  readonly tags: JsonObject;
  /** Of the full form. */
  readonly versions: JsonObject;
  readonly time: JsonObject;
}

/** Throws `FeedMismatch` when the two forms do not say the same. */
export async function readPackument(reader: FeedReader, address: string, name: string): Promise<Packument> {
  // npm writes a scope's slash so.
  const url = `${address}/${name.replace("/", "%2f")}`;
  const full = objectOf(await readJsonIndex(reader, url, { accept: FULL_ACCEPT }));
  const short = objectOf(await readJsonIndex(reader, url, { accept: INSTALL_ACCEPT }));
  const [versions, installed, time] = [objectOf(full["versions"]), objectOf(short["versions"]), objectOf(full["time"])];
  expectSame("contradiction", url, "_id", name, textOf(full["_id"]));
  for (const form of [full, short]) expectSame("contradiction", url, "name", name, textOf(form["name"]));
  const same = (what: string, a: unknown, b: unknown): void => {
    if (!isDeepStrictEqual(a, b)) throw new FeedMismatch("contradiction", url, `its two forms do not say the same of ${what}`);
  };
  same("dist-tags", full["dist-tags"], short["dist-tags"]);
  same("modified", time["modified"], short["modified"]);
  same("versions", Object.keys(versions).sort(), Object.keys(installed).sort());
  for (const [version, document] of Object.entries(installed)) {
    const whole = objectOf(versions[version]);
    // Told only to those who install: it sums up `scripts`.
    const { hasInstallScript: _, ...said } = objectOf(document);
    for (const [field, value] of Object.entries(said)) same(`${field} of ${version}`, whole[field], value);
    same(`dist of ${version}`, whole["dist"], said["dist"]);
  }
  return { url, tags: objectOf(full["dist-tags"]), versions, time };
}
