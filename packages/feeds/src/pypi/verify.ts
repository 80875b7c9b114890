import { basename } from "node:path/posix";
import { sha256 as digestOf } from "@distd/core";
import type { FeedFinding, FeedReader, FeedWanted } from "../feed.ts";
import { checkTime } from "../verification/check-time.ts";
import { addressBelow, compareBytes } from "../verification/compare-bytes.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { findEach } from "../verification/find-each.ts";
import { countOf, objectOf, textOf } from "../verification/json-values.ts";
import { onceEach } from "../verification/once.ts";
import { MAX_DOCUMENT_BYTES, readIndex } from "../verification/read-index.ts";
import { withMetadata } from "../verification/with-metadata.ts";
import { describeFile } from "./python-file.ts";
import { readProject } from "./read-project.ts";

/** As pip, old and new: the project's page in both its forms, a wheel's metadata, and the file under the digest the page names. */
export function verifyIndex(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]> {
  const { address, channel } = wanted;
  const projectOf = onceEach((name: string) => readProject(reader, `${address}/${channel}/simple`, name));

  return findEach(wanted, async (artifact, release) => {
    if (artifact.format !== "wheel" && artifact.format !== "sdist") return undefined;
    const own = describeFile(await withMetadata(reader, artifact));
    if (!own) return undefined;
    const { url: from, files, versions } = await projectOf(own.name);
    const file = files.get(artifact.name);
    if (!file) throw new FeedMismatch("missing", from, `it does not name ${artifact.name}`);
    const same = (what: string, expected: string | undefined, found: string | undefined): void =>
      expectSame("contradiction", from, `${what} of ${artifact.name}`, expected, found);
    if (!versions.includes(own.version)) throw new FeedMismatch("missing", from, `it does not list the version ${own.version}`);
    expectSame("digest", from, `the SHA-256 of ${artifact.name}`, artifact.sha256, textOf(objectOf(file["hashes"])["sha256"]));
    expectSame("size", from, `the size of ${artifact.name}`, String(artifact.size), countOf(file["size"]));
    checkTime(from, `the upload-time of ${artifact.name}`, release, textOf(file["upload-time"]));
    same("requires-python", own.requiresPython, textOf(file["requires-python"]));
    same("core-metadata", own.metadataSha256, textOf(objectOf(file["core-metadata"])["sha256"]));
    const url = addressBelow(address, from, textOf(file["url"]));
    expectSame("contradiction", from, "the name in the address", encodeURIComponent(artifact.name), basename(new URL(url).pathname));
    if (own.metadataSha256 !== undefined) {
      const { bytes } = await readIndex(reader, `${url}.metadata`, { maxBytes: MAX_DOCUMENT_BYTES });
      expectSame("digest", `${url}.metadata`, "its SHA-256", own.metadataSha256, digestOf(bytes));
    }
    const { size, sha256 } = await compareBytes(reader, url, artifact);
    const { yanked } = file;
    return {
      url,
      size,
      sha256,
      compared: [
        "the page in JSON and in HTML",
        ...(own.metadataSha256 === undefined ? [] : ["METADATA"]),
        "SHA-256 and size of the release",
      ],
      ...(yanked !== undefined && yanked !== false && { note: `yanked${textOf(yanked) ? `: ${textOf(yanked)}` : ""}` }),
    };
  });
}
