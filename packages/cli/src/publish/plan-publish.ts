import { type Coordinate, type Platform, renderCoordinate, settleCoordinate } from "@distd/core";
import { isLinkEntry, type ManifestFile, type ManifestLink, type ParsedManifest } from "@distd/core/manifest";
import type { AttachRequest } from "@distd/core/wire";
import type { ReadyFile } from "../files/local-files.ts";
import { stateBeside } from "./state-beside.ts";

/** An entry of the manifest with its place in it. */
export interface PlacedEntry {
  readonly index: number;
  readonly entry: ManifestFile | ManifestLink;
}

/** What an entry becomes on the server. */
export interface PlannedArtifact {
  /** As the manifest writes it. */
  readonly path: string;
  readonly request: AttachRequest;
  readonly coordinate: Coordinate;
  readonly ready: ReadyFile | undefined;
}

const platformOfEnding: Readonly<Record<string, Platform>> = { ".apk": "android", ".ipa": "ios" };

/**
 * The entries of a part: those that name it; of those that name none, those for the platform of that name. Without a part all of them. The
 * files of other parts are built elsewhere and need not be here.
 */
export function entriesOfPart({ manifest, reject }: ParsedManifest, part: string | undefined): PlacedEntry[] {
  const entries = manifest.artifacts.map((entry, index) => ({ index, entry }));
  if (part === undefined) return entries;
  if (!manifest.parts?.includes(part)) throw reject(["parts"], `there is no part '${part}' among ${manifest.parts?.join(", ") ?? "none"}`);
  const own = entries.filter(({ entry }) => (entry.part ?? platformOf(entry)) === part);
  if (own.length === 0) throw reject(["artifacts"], `no artifact belongs to the part '${part}'`);
  return own;
}

function platformOf(entry: ManifestFile | ManifestLink): string | undefined {
  if (isLinkEntry(entry)) return entry.platform;
  return entry.platform ?? platformOfEnding[/\.[a-z0-9]+$/.exec(entry.path.toLowerCase())?.[0] ?? ""];
}

/** Settles coordinates from bytes and statements. What contradicts or collides is a manifest error at its line. */
export function planArtifacts(
  parsed: ParsedManifest,
  entries: readonly PlacedEntry[],
  files: ReadonlyMap<number, ReadyFile>,
): PlannedArtifact[] {
  const plain = entries.map(({ index, entry }) =>
    isLinkEntry(entry) ? planLink(entry) : planFile(parsed, index, entry, files.get(index) as ReadyFile),
  );
  const planned = entries.map(({ index, entry }, position) => {
    const own = plain[position] as PlannedArtifact;
    const stated = isLinkEntry(entry) || !own.ready ? undefined : stateBeside(entry, own.ready, plain);
    return stated && own.ready ? planFile(parsed, index, stated, own.ready) : own;
  });
  const taken = new Map<string, PlannedArtifact>();
  for (const [position, artifact] of planned.entries()) {
    const coordinate = renderCoordinate(artifact.coordinate);
    const twin = taken.get(coordinate);
    if (twin) {
      const index = entries[position]?.index ?? 0;
      throw parsed.reject(
        ["artifacts", index],
        `'${artifact.path}' and '${twin.path}' are both ${coordinate}: tell them apart by platform, arch, variant or role`,
      );
    }
    taken.set(coordinate, artifact);
  }
  return planned;
}

function planLink(entry: ManifestLink): PlannedArtifact {
  const { link, platform, variant, role, install } = entry;
  const request: AttachRequest = {
    link,
    platform,
    ...(variant !== undefined && { variant }),
    ...(role && { role }),
    ...(install && { install }),
  };
  return {
    path: link,
    request,
    coordinate: { platform, arch: "any", format: "link", variant: variant ?? "", role: role ?? "install" },
    ready: undefined,
  };
}

function planFile({ reject }: ParsedManifest, index: number, entry: ManifestFile, ready: ReadyFile): PlannedArtifact {
  const { facts, file } = ready;
  const { coordinate, contradiction } = settleCoordinate(facts, entry);
  if (contradiction)
    throw reject(["artifacts", index, contradiction.field], `the bytes say ${contradiction.found}, not ${contradiction.stated}`);
  const { install } = entry;
  const request: AttachRequest = {
    name: file.name,
    digest: `sha256:${file.sha256}`,
    platform: coordinate.platform,
    arch: coordinate.arch,
    variant: coordinate.variant,
    role: coordinate.role,
    ...(install && { install }),
  };
  return { path: entry.path, request, coordinate, ready };
}
