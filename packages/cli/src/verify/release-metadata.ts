import { type ByteSource, checkRange, DistError, limitSource } from "@distd/core";
import type { FeedReader, WantedArtifact } from "@distd/feeds";
import { DEFAULT_LIMITS, FORMATS } from "@distd/inspect";
import { type Api, problemOf } from "../api/api.ts";
import { withRetries } from "../api/with-retries.ts";

/** Reads what packages say about themselves out of the release's own files, each once, as the server does when they arrive. */
export function openReleaseMetadata(api: Api, addresses: ReadonlyMap<string, string>, signal: AbortSignal): FeedReader["metadata"] {
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  const read = async (artifact: WantedArtifact): Promise<Uint8Array | undefined> => {
    const format = FORMATS.find(({ id }) => id === artifact.format);
    const source = openReleaseFile(api, addresses.get(artifact.id) ?? "", artifact.size, signal);
    return format?.readMetadata?.(limitSource(source, DEFAULT_LIMITS.maxReadBytes), DEFAULT_LIMITS);
  };
  return (artifact) => {
    const metadata = known.get(artifact.id) ?? read(artifact);
    known.set(artifact.id, metadata);
    return metadata;
  };
}

/** A file of a release, in ranges. */
function openReleaseFile(api: Api, url: string, size: number, signal: AbortSignal): ByteSource {
  // The server names its public address, perhaps below a folder of a proxy; we stay on the address we reach it by.
  const { pathname } = new URL(url);
  const path = pathname.slice(Math.max(0, pathname.indexOf("/d/")));
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      if (length === 0) return new Uint8Array();
      const short = new DistError("network/unreachable", `${new URL(url).host} did not answer ${length} bytes of ${path}`);
      return withRetries(async () => {
        const response = await api.send(path, { headers: { range: `bytes=${offset}-${offset + length - 1}` }, signal });
        if (!response.ok) throw await problemOf(response);
        const bytes = new Uint8Array(
          await response.arrayBuffer().catch(() => {
            throw short;
          }),
        );
        if (response.status !== 206 || bytes.length !== length) throw short;
        return bytes;
      });
    },
  };
}
