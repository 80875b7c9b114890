import { type ByteSource, limitSource, sliceSource } from "@distd/core";
import { attempt } from "../broken.ts";
import { detectCodec } from "../compression/codec.ts";
import type { InspectLimits } from "../limits.ts";
import { scanTar } from "./scan-tar.ts";
import { isTarHeader } from "./tar-header.ts";

/** What is looked at to tell a package from any tar. */
const WINDOW_BYTES = 512 * 1024;
const MAX_INFLATED_BYTES = 8 * 1024 * 1024;
const MAX_NAMES = 5000;

/** Names of the first entries of a tar, compressed or not; empty when it is none. */
export async function sniffTarEntries(source: ByteSource, head: Uint8Array, limits: InspectLimits): Promise<readonly string[]> {
  if (detectCodec(head) === undefined && !isTarHeader(head)) return [];
  const names: string[] = [];
  // Where the window cuts the archive, scanning ends with an error; the names before it are what was wanted.
  await attempt(() =>
    scanTar(
      detectCodec(head) === undefined ? limitSource(source, WINDOW_BYTES) : sliceSource(source, 0, Math.min(source.size, WINDOW_BYTES)),
      { ...limits, maxEntries: MAX_NAMES, maxInflatedBytes: Math.min(limits.maxInflatedBytes, MAX_INFLATED_BYTES) },
      { want: () => 0, visit: (entry) => void names.push(entry.path) },
    ),
  );
  return names;
}
