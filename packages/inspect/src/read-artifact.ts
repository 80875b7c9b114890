import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { readIcon } from "./icons/read-icon.ts";
import { findFormat } from "./inspect.ts";
import { DEFAULT_LIMITS, type InspectLimits } from "./limits.ts";

/** Everything that is ever read of an artifact. */
export interface Inspection {
  readonly facts: ArtifactFacts;
  /** `control`, `package.json`, `METADATA`: word for word. Absent for formats without. */
  readonly metadata?: Uint8Array;
  /** PNG, at most 512 pixels a side. */
  readonly icon?: Uint8Array;
}

/** Looks at an artifact once for everything the server keeps of it. Refuses what `inspectArtifact` refuses. */
export async function readArtifact(source: ByteSource, name: string, limits: InspectLimits = DEFAULT_LIMITS): Promise<Inspection> {
  const format = await findFormat(source, name, limits);
  const facts = await format.inspect(source, limits);
  const metadata = await format.readMetadata?.(limitSource(source, limits.maxReadBytes), limits);
  const icon = await readIcon(source, name, facts.icon, limits);
  return { facts, ...(metadata && { metadata }), ...(icon && { icon }) };
}
