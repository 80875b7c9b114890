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

/**
 * Names of the first entries of a tar, compressed or not; empty when it is none. Many programs write the file that makes it a package last:
 * an archive that is laid out as one (all in `package`, or in a folder of the file's own name) is looked through further.
 */
export async function sniffTarEntries(
  source: ByteSource,
  head: Uint8Array,
  name: string,
  limits: InspectLimits,
): Promise<readonly string[]> {
  const isCompressed = detectCodec(head) !== undefined;
  if (!isCompressed && !isTarHeader(head)) return [];
  const near = isCompressed ? sliceSource(source, 0, Math.min(source.size, WINDOW_BYTES)) : limitSource(source, WINDOW_BYTES);
  const maxInflatedBytes = Math.min(limits.maxInflatedBytes, MAX_INFLATED_BYTES);
  const names = await listNames(near, { ...limits, maxEntries: MAX_NAMES, maxInflatedBytes });
  const [top, ...others] = new Set(names.map((path) => path.split("/")[0] as string));
  const isLaidOut = top !== undefined && others.length === 0 && (top === "package" || name.startsWith(`${top.toLowerCase()}.`));
  const isTold = names.includes(`${top}/package.json`) || names.includes(`${top}/PKG-INFO`);
  return isCompressed && isLaidOut && !isTold && source.size > WINDOW_BYTES ? listNames(source, limits) : names;
}

/** Where a window cuts the archive, listing ends with an error; the names before it are what was wanted. */
async function listNames(source: ByteSource, limits: InspectLimits): Promise<readonly string[]> {
  const names: string[] = [];
  await attempt(() => scanTar(source, limits, { want: () => 0, visit: (entry) => void names.push(entry.path) }));
  return names;
}
