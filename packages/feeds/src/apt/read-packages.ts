import { gunzipSync } from "node:zlib";
import { sha256 } from "@distd/core";
import type { FeedReader } from "../feed.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { MAX_INDEX_BYTES, readIndex, textOfFile } from "../verification/read-index.ts";
import { type Fields, parseFields } from "./fields.ts";
import type { IndexSum, Suite } from "./read-suite.ts";

const PACKED = ".gz";
const MAX_UNPACKED_BYTES = 4 * MAX_INDEX_BYTES;

/** A package in an index. */
export interface Stanza {
  readonly fields: Fields;
  /** Of its index. */
  readonly url: string;
}

/** Every package of the suite, out of the indexes that apt fetches: packed, and under the names that say their digests. */
export async function readPackages(reader: FeedReader, suite: Suite): Promise<readonly Stanza[]> {
  const stanzas: Stanza[] = [];
  for (const [path, sum] of suite.indexes) {
    if (!path.endsWith(`/Packages${PACKED}`)) continue;
    const url = `${suite.folder}/${path.slice(0, path.lastIndexOf("/"))}/by-hash/SHA256/${sum.sha256}`;
    const plain = suite.indexes.get(path.slice(0, -PACKED.length));
    const packed = await readIndex(reader, url);
    compareSum(url, sum, packed.bytes);
    const bytes = unpack(url, packed.bytes, plain?.size ?? MAX_UNPACKED_BYTES);
    if (plain) compareSum(url, plain, bytes);
    for (const text of textOfFile(url, { bytes }).split("\n\n")) {
      if (text.trim() === "") continue;
      const fields = parseFields(text.replace(/^\n+|\n+$/g, ""));
      if (!fields)
        throw new FeedMismatch("unreadable", url, `it has a package that apt cannot read: ${JSON.stringify(text.slice(0, 100))}`);
      stanzas.push({ fields, url });
    }
  }
  return stanzas;
}

function compareSum(url: string, sum: IndexSum, bytes: Uint8Array): void {
  expectSame("digest", url, "the SHA-256 of the index", sum.sha256, sha256(bytes));
  expectSame("size", url, "the size of the index", String(sum.size), String(bytes.length));
}

function unpack(url: string, bytes: Uint8Array, size: number): Uint8Array {
  if (size > MAX_UNPACKED_BYTES) throw new FeedMismatch("too-large", url, `unpacked it has more than ${MAX_UNPACKED_BYTES} bytes`);
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw new FeedMismatch("unreadable", url, `it does not unpack to ${size} bytes`);
  }
}
