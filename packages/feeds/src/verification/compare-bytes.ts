import { renderSha256 } from "@distd/core";
import type { ExtraDigest, FeedReader, FoundBytes, WantedArtifact } from "../feed.ts";
import { expectSame, FeedMismatch } from "./feed-mismatch.ts";

/** Fetches an artifact; throws unless it is the release's. */
export async function compareBytes(
  reader: FeedReader,
  url: string,
  { size, sha256 }: Pick<WantedArtifact, "size" | "sha256">,
  also: readonly ExtraDigest[] = [],
): Promise<FoundBytes> {
  const found = await reader.digest(url, also);
  if (!found) throw new FeedMismatch("missing", url, "there is nothing");
  expectSame("digest", url, "its SHA-256", renderSha256(sha256), renderSha256(found.sha256));
  expectSame("size", url, "its size", String(size), String(found.size));
  return found;
}

/**
 * The address a client is led to; throws when it does not lie below `base` (without trailing slash). `from` is the file that names it, which
 * may do so relative to itself.
 */
export function addressBelow(base: string, from: string, address: string | undefined): string {
  const url = address !== undefined && URL.canParse(address, from) ? new URL(address, from).href : undefined;
  const isWhole = address !== undefined && URL.canParse(address);
  if (url === undefined || !url.startsWith(`${base}/`) || (isWhole && url !== address))
    throw new FeedMismatch("address", from, `it leads to ${JSON.stringify(address?.slice(0, 200) ?? "nothing")}, not below ${base}`);
  return url;
}
