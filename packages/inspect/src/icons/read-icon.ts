import { type ByteSource, limitSource } from "@distd/core";
import { attempt } from "../broken.ts";
import { findFormat } from "../inspect.ts";
import { DEFAULT_LIMITS, type InspectLimits } from "../limits.ts";
import { toPng } from "./to-png.ts";

/**
 * An artifact's icon as PNG, at most 512 pixels a side; undefined when it carries none we can read. A damaged icon is none: the artifact is
 * judged by `inspectArtifact`.
 */
export async function readIcon(
  source: ByteSource,
  name: string,
  icon: string | undefined,
  limits: InspectLimits = DEFAULT_LIMITS,
): Promise<Uint8Array | undefined> {
  if (icon === undefined) return undefined;
  const format = await findFormat(source, name, limits);
  const read = await attempt(async () => {
    const bytes = await format.readIcon?.(limitSource(source, limits.maxReadBytes), icon, limits);
    return bytes && toPng(bytes);
  });
  return "value" in read ? read.value : undefined;
}
