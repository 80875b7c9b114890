import type { FeedReader, FeedWanted } from "../feed.ts";
import { OpenPgpError } from "../openpgp/openpgp-error.ts";
import { readArmoredKeys, type SignedText, verifyClearsigned } from "../openpgp/verify-text.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { MAX_DOCUMENT_BYTES, readTextIndex } from "../verification/read-index.ts";
import { fieldOf, type Fields, parseFields } from "./fields.ts";
import { COMPONENT } from "./release.ts";

/** Clocks differ: `Acquire::Max-FutureTime`. */
const MAX_FUTURE_MS = 10_000;

/** A suite's signed index of indexes. */
export interface Suite {
  /** Of its InRelease. */
  readonly url: string;
  /** Below the archive, without trailing slash. */
  readonly folder: string;
  readonly signedBy: readonly string[];
  readonly architectures: readonly string[];
  /** By path below the folder. */
  readonly indexes: ReadonlyMap<string, IndexSum>;
}

export interface IndexSum {
  readonly sha256: string;
  readonly size: number;
}

/** As apt does with the source people install: the key in it is the only one that counts. Throws `FeedMismatch`. */
export async function readSuite(reader: FeedReader, { address, channel, at }: FeedWanted): Promise<Suite> {
  const sources = `${address}/${channel}.sources`;
  const key = keyOf(sources, await readTextIndex(reader, sources, { maxBytes: MAX_DOCUMENT_BYTES }), address, channel);
  const folder = `${address}/dists/${channel}`;
  const url = `${folder}/InRelease`;
  const { text, signedBy } = verifySignature(url, await readTextIndex(reader, url, { maxBytes: MAX_DOCUMENT_BYTES }), sources, key, at);
  const release = parseFields(text.trimEnd());
  if (!release) throw new FeedMismatch("unreadable", url, "it is no Release file");
  checkDates(url, release, at);
  const names = [fieldOf(release, "Suite"), fieldOf(release, "Codename")];
  if (!names.includes(channel)) expectSame("version", url, "the suite", channel, names[0]);
  expectSame("contradiction", url, "Acquire-By-Hash", "yes", fieldOf(release, "Acquire-By-Hash"));
  const architectures = (fieldOf(release, "Architectures") ?? "").split(" ");
  return { url, folder, signedBy, architectures, indexes: parseSums(url, fieldOf(release, "SHA256") ?? "") };
}

/** The source, field by field as this feed writes it: what it leads to is where apt goes next. */
function keyOf(url: string, text: string, address: string, channel: string): string {
  const source = text.endsWith("\n") ? parseFields(text.slice(0, -1)) : undefined;
  if (!source) throw new FeedMismatch("unreadable", url, "it is no source for apt");
  const stated = { Types: "deb", URIs: address, Suites: channel, Components: COMPONENT };
  for (const [field, value] of Object.entries(stated)) expectSame("contradiction", url, field, value, source.get(field));
  const [first, ...lines] = (source.get("Signed-By") ?? "").split("\n");
  if (first !== "" || lines.length === 0) throw new FeedMismatch("signature", url, "it names no key");
  return lines.map((line) => (line === " ." ? "\n" : `${line.replace(/^ /, "")}\n`)).join("");
}

function verifySignature(url: string, message: string, sources: string, key: string, at: Date): SignedText {
  const attempt = <T>(from: string, body: () => T): T => {
    try {
      return body();
    } catch (thrown) {
      if (!(thrown instanceof OpenPgpError)) throw thrown;
      throw new FeedMismatch("signature", from, thrown.message);
    }
  };
  const keys = attempt(sources, () => readArmoredKeys(key));
  return attempt(url, () => verifyClearsigned(message, keys, at));
}

/** apt refuses a Release from the future and one that is no longer valid. */
function checkDates(url: string, release: Fields, at: Date): void {
  const [date, validUntil] = ["Date", "Valid-Until"].map((name) => fieldOf(release, name));
  const issued = Date.parse(date ?? "");
  if (!(issued <= at.getTime() + MAX_FUTURE_MS))
    throw new FeedMismatch("date", url, `its date is ${date ?? "not there"}, and it is ${at.toUTCString()}`);
  if (validUntil !== undefined && !(Date.parse(validUntil) > at.getTime()))
    throw new FeedMismatch("date", url, `it was valid until ${validUntil}, and it is ${at.toUTCString()}`);
}

/** ` DIGEST SIZE PATH`, one a line. */
function parseSums(url: string, text: string): ReadonlyMap<string, IndexSum> {
  const sums = new Map<string, IndexSum>();
  for (const line of text.split("\n").slice(1)) {
    const [, sha256, size, path] = /^ ([0-9a-f]{64}) +([0-9]{1,15}) (\S+)$/.exec(line) ?? [];
    if (sha256 === undefined || size === undefined || path === undefined)
      throw new FeedMismatch("unreadable", url, `there is no digest in ${JSON.stringify(line.slice(0, 100))}`);
    sums.set(path, { sha256, size: Number(size) });
  }
  return sums;
}
