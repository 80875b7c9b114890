import { decodeUtf8 } from "@distd/core";
import type { FeedArtifact } from "../feed.ts";
import { isRelation, isRelationField } from "./relations.ts";

/** Fields of an index that say where a package is; a control file that brings its own would lie. */
const OURS = ["filename", "size", "md5sum", "sha1", "sha256", "sha512", "phased-update-percentage"];
/** Fields with which a package gets onto machines that never asked for it: `apt full-upgrade` installs what is essential. */
const FORCING = ["essential", "important", "protected", "build-essential"];
const LEFT_OUT = new Set([...OURS, ...FORCING]);

/** As Debian's policy has them, and dpkg-deb when it builds. */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const VERSION = /^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9.+:~-]*$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const FIELD_NAME = /^[!-9;-~]+$/;

export interface DebPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** What identifies a deb; undefined for what has no place in an archive. */
export function debPackage(artifact: FeedArtifact): DebPackage | undefined {
  if (faultOf(artifact) !== undefined) return undefined;
  const { identifier: name = "", version = "", details } = artifact.facts;
  return { name, version, architecture: String(details["architecture"]) };
}

/** Why a deb has no place in an archive: apt would read nothing else in it either. */
export function faultOf({ facts, metadata }: FeedArtifact): string | undefined {
  const { identifier: name = "", version = "" } = facts;
  const architecture = facts.details["architecture"];
  if (!metadata) return "it has no control file";
  if (!NAME.test(name)) return `'${name}' is not a name that dpkg takes`;
  if (!VERSION.test(version)) return `'${version}' is not a version that dpkg takes`;
  if (typeof architecture !== "string" || !ARCHITECTURE.test(architecture)) return `its architecture is '${String(architecture)}'`;
  const odd = splitFields(decodeUtf8(metadata)).find((field) => isRelationField(field.name) && !isRelation(field.value));
  return odd && `apt cannot read its field ${odd.name}:${odd.value}`;
}

/** Below the archive's root. The digest keeps apart what differs only in the epoch, which file names leave out. */
export function poolPath({ name, version, architecture }: DebPackage, { sha256 }: FeedArtifact): string {
  return `pool/${name}/${sha256.slice(0, 12)}/${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
}

/** The control file's own fields, then ours, then the blank line that ends a stanza. */
export function renderStanza(artifact: FeedArtifact, path: string, phase?: number): string {
  const fields = splitFields(decodeUtf8(artifact.metadata ?? new Uint8Array()));
  const own = fields.filter(({ name }) => FIELD_NAME.test(name) && !LEFT_OUT.has(name.toLowerCase())).map(({ text }) => text);
  const ours = [`Filename: ${path}`, `Size: ${artifact.size}`, `SHA256: ${artifact.sha256}`];
  return `${[...own, ...ours, ...(phase === undefined ? [] : [`Phased-Update-Percentage: ${phase}`])].join("\n")}\n\n`;
}

interface ControlField {
  readonly name: string;
  /** With its continued lines. */
  readonly value: string;
  readonly text: string;
}

/** apt takes blanks between a name and its colon for nothing. */
function splitFields(control: string): readonly ControlField[] {
  const texts: string[] = [];
  for (const line of control.replaceAll("\r\n", "\n").split("\n")) {
    if (line.trim() === "") continue;
    if (/^[ \t]/.test(line) && texts.length > 0) texts.push(`${texts.pop()}\n${line}`);
    else texts.push(line);
  }
  return texts.map((text) => {
    const colon = text.indexOf(":");
    return { name: text.slice(0, Math.max(0, colon)).trimEnd(), value: text.slice(colon + 1), text };
  });
}
