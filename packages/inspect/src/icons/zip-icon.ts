import type { ByteSource } from "@distd/core";
import type { InspectLimits } from "../limits.ts";
import { openZip } from "../zip/open-zip.ts";

export const MAX_ICON_BYTES = 8 * 1024 * 1024;

/** For formats whose icon is an entry of a zip. */
export async function readZipIcon(source: ByteSource, icon: string, limits: InspectLimits): Promise<Uint8Array | undefined> {
  const zip = await openZip(source, limits, { contiguous: false });
  const entry = zip.find(icon);
  return entry === undefined || entry.bytes > MAX_ICON_BYTES ? undefined : zip.read(entry);
}
