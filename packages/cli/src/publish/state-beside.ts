import type { Coordinate } from "@distd/core";
import type { ManifestFile } from "@distd/core/manifest";
import type { ReadyFile } from "../files/local-files.ts";

/** A planned artifact, as far as its neighbours need it. */
interface Neighbour {
  readonly coordinate: Coordinate;
  readonly ready: ReadyFile | undefined;
}

/**
 * `notes.tar.gz.minisig` belongs to `notes.tar.gz`: what the manifest leaves open of its coordinate it takes from there, with a variant that tells it
 * from the signatures of the release's other files. Undefined for what is no signature, or lies beside nothing.
 */
export function stateBeside(entry: ManifestFile, { file, facts }: ReadyFile, planned: readonly Neighbour[]): ManifestFile | undefined {
  if (facts.format !== "signature" && facts.format !== "idsig") return undefined;
  const isOf = (name: string | undefined): boolean => name !== undefined && file.name.startsWith(`${name}.`);
  const [owner] = planned
    .filter(({ ready, coordinate }) => isOf(ready?.file.name) && coordinate.role !== "signature")
    .toSorted((a, b) => (b.ready?.file.name.length ?? 0) - (a.ready?.file.name.length ?? 0));
  if (!owner) return undefined;
  const { platform, arch, variant, format } = owner.coordinate;
  const { family } = facts.details;
  const own = [variant, ...(typeof family === "string" ? [format, family] : [])].filter((word) => word !== "").join("-");
  return { platform, arch, variant: own, ...entry };
}
