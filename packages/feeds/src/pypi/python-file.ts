import { sha256 } from "@distd/core";
import type { FeedArtifact } from "../feed.ts";
import { isProjectName, namesItself, normalizeName } from "./names.ts";

/** A wheel or sdist as an index has it. */
export interface PythonFile {
  readonly artifact: FeedArtifact;
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly requiresPython: string | undefined;
  readonly metadataSha256: string | undefined;
}

/** Undefined for what pip could not use. */
export function describeFile(artifact: FeedArtifact): PythonFile | undefined {
  const { facts, format, name: file, metadata, sha256: digest } = artifact;
  if ((format !== "wheel" && format !== "sdist") || artifact.role !== "install" || faultOf(artifact) !== undefined) return undefined;
  const { identifier = "", version = "" } = facts;
  const requires = facts.details["requiresPython"];
  return {
    artifact,
    name: normalizeName(identifier),
    path: `files/${digest}/${file}`,
    version,
    requiresPython: typeof requires === "string" ? requires : undefined,
    metadataSha256: format === "wheel" && metadata ? sha256(metadata) : undefined,
  };
}

/** Why a file has no place in an index: pip believes its name. */
export function faultOf({ facts: { identifier = "", version = "" }, name }: FeedArtifact): string | undefined {
  if (!isProjectName(identifier)) return `'${identifier}' is not a name that pip takes`;
  if (!namesItself(name, identifier, version)) return `it is called '${name}', but is ${identifier} ${version}`;
  return undefined;
}
