import { renderSha256 } from "@distd/core";
import type { FeedFinding, FeedReader, FeedWanted } from "../feed.ts";
import { addressBelow, compareBytes } from "../verification/compare-bytes.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { findEach } from "../verification/find-each.ts";
import { once } from "../verification/once.ts";
import { withMetadata } from "../verification/with-metadata.ts";
import { fieldOf } from "./fields.ts";
import { readPackages } from "./read-packages.ts";
import { readSuite } from "./read-suite.ts";
import { debPackage } from "./stanza.ts";

/** As apt: the source with its key, what that key signed, the indexes it names by digest, and the packages those name. */
export function verifyArchive(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]> {
  const archive = once(async () => {
    const suite = await readSuite(reader, wanted);
    return { suite, stanzas: await readPackages(reader, suite) };
  });
  return findEach(wanted, async (artifact) => {
    if (artifact.format !== "deb" || artifact.role !== "install") return undefined;
    const deb = debPackage(await withMetadata(reader, artifact));
    if (!deb) return undefined;
    const { suite, stanzas } = await archive();
    const stanza = stanzas.find(
      ({ fields }) =>
        fieldOf(fields, "Package") === deb.name &&
        fieldOf(fields, "Version") === deb.version &&
        fieldOf(fields, "Architecture") === deb.architecture,
    );
    if (!stanza || !suite.architectures.includes(deb.architecture))
      throw new FeedMismatch("missing", suite.url, `no index names ${deb.name} ${deb.version} for ${deb.architecture}`);
    const stated = fieldOf(stanza.fields, "SHA256");
    expectSame("digest", stanza.url, `the SHA256 of ${deb.name}`, renderSha256(artifact.sha256), stated && `sha256:${stated}`);
    expectSame("size", stanza.url, `the Size of ${deb.name}`, String(artifact.size), fieldOf(stanza.fields, "Size"));
    const url = addressBelow(wanted.address, `${wanted.address}/`, fieldOf(stanza.fields, "Filename"));
    const { size, sha256 } = await compareBytes(reader, url, artifact);
    const signers = suite.signedBy.map((fingerprint) => fingerprint.slice(-16).toUpperCase()).join(", ");
    return { url, size, sha256, compared: [`InRelease, signed by ${signers}`, "Packages.gz", "SHA-256 and size of the release"] };
  });
}
