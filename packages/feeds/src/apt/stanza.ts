import { decodeUtf8 } from "@distd/core";
import type { FeedArtifact } from "../feed.ts";

/** Fields of an index that say where a package is; a control file that brings its own would lie. */
const OURS = new Set(["filename", "size", "md5sum", "sha1", "sha256", "sha512", "phased-update-percentage"]);

export interface DebPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** What identifies a deb; undefined for what the inspector could not read that far. */
export function debPackage({ facts, metadata }: FeedArtifact): DebPackage | undefined {
  const architecture = facts.details["architecture"];
  if (!facts.identifier || !facts.version || typeof architecture !== "string" || !metadata) return undefined;
  return { name: facts.identifier, version: facts.version, architecture };
}

/** Below the archive's root. The digest keeps apart what differs only in the epoch, which file names leave out. */
export function poolPath({ name, version, architecture }: DebPackage, { sha256 }: FeedArtifact): string {
  return `pool/${name}/${sha256.slice(0, 12)}/${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
}

/** The control file's own fields, then ours, then the blank line that ends a stanza. */
export function renderStanza(artifact: FeedArtifact, path: string): string {
  const fields = splitFields(decodeUtf8(artifact.metadata ?? new Uint8Array()));
  const own = fields.filter((field) => !OURS.has((field.split(":", 1)[0] ?? "").toLowerCase()));
  return `${[...own, `Filename: ${path}`, `Size: ${artifact.size}`, `SHA256: ${artifact.sha256}`].join("\n")}\n\n`;
}

/** Each field with its continued lines. */
function splitFields(control: string): readonly string[] {
  const fields: string[] = [];
  for (const line of control.replaceAll("\r\n", "\n").split("\n")) {
    if (line.trim() === "") continue;
    if (/^[ \t]/.test(line) && fields.length > 0) fields.push(`${fields.pop()}\n${line}`);
    else fields.push(line);
  }
  return fields;
}
