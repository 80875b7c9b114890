import type { FeedReader } from "../feed.ts";
import { expectSame } from "../verification/feed-mismatch.ts";
import { type JsonObject, objectOf, textOf } from "../verification/json-values.ts";
import { jsonOfFile, MAX_DOCUMENT_BYTES, readIndex } from "../verification/read-index.ts";
import { digestAs } from "./digest-as.ts";

/** What docker asks for. */
const ACCEPT = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

export interface FoundManifest {
  readonly bytes: Uint8Array;
  readonly json: JsonObject;
}

/** A manifest or index whose headers say what it is. Throws `FeedMismatch`. */
export async function readManifest(reader: FeedReader, url: string): Promise<FoundManifest> {
  const file = await readIndex(reader, url, { accept: ACCEPT, maxBytes: MAX_DOCUMENT_BYTES });
  const stated = file.header("docker-content-digest");
  if (stated !== undefined) expectSame("digest", url, "its digest", stated, digestAs(stated, file.bytes));
  const json = objectOf(jsonOfFile(url, file));
  const mediaType = textOf(json["mediaType"]);
  // containerd refuses a manifest that is served as something else.
  if (mediaType !== undefined) expectSame("contradiction", url, "its type", mediaType, file.header("content-type"));
  return { bytes: file.bytes, json };
}
