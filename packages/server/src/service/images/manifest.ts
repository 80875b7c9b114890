import { createHash } from "node:crypto";
import { decodeUtf8, DistError } from "@distd/core";

/** Larger than any manifest that was seen; the specification asks for four MiB. */
export const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

export interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
}

/** The parts of a manifest a registry looks at. The bytes themselves are kept as they came. */
export interface Manifest {
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly subject: string | undefined;
  readonly config: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
}

/** Layers that come from somewhere else by license, and are never pushed. */
const FOREIGN = /\.(?:foreign|nondistributable)\./;

export function digestOfManifest(body: Uint8Array, algorithm: string): string {
  return `${algorithm}:${createHash(algorithm).update(body).digest("hex")}`;
}

/** `contentType` is what it was pushed as; a manifest that says of itself that it is something else is refused. */
export function parseManifest(body: Uint8Array, contentType: string): Manifest {
  const json = parseObject(body);
  const stated = textOf(json["mediaType"]);
  if (stated !== undefined && stated !== contentType)
    throw broken(`it was pushed as ${contentType.slice(0, 100)}, but says it is ${stated.slice(0, 100)}`);
  const config = json["config"] === undefined ? undefined : descriptorOf(json["config"]);
  return {
    mediaType: contentType,
    artifactType: textOf(json["artifactType"]) ?? config?.mediaType,
    annotations: isObject(json["annotations"]) ? textsOf(json["annotations"]) : undefined,
    subject: json["subject"] === undefined || json["subject"] === null ? undefined : descriptorOf(json["subject"]).digest,
    config,
    layers: listOf(json["layers"]).filter(({ mediaType }) => !FOREIGN.test(mediaType)),
    manifests: listOf(json["manifests"]),
  };
}

function parseObject(body: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(decodeUtf8(body));
    if (isObject(json)) return json;
  } catch (cause) {
    throw broken("it is not JSON", cause);
  }
  throw broken("it is no JSON object");
}

function listOf(value: unknown): readonly Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw broken("a list in it is none");
  return value.map(descriptorOf);
}

function descriptorOf(value: unknown): Descriptor {
  const { digest, mediaType, size } = isObject(value) ? value : {};
  if (typeof digest !== "string" || !/^[a-z0-9]+:[0-9a-f]{32,}$/.test(digest)) throw broken("a descriptor in it has no digest");
  return { digest, mediaType: textOf(mediaType) ?? "", size: typeof size === "number" ? size : 0 };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function textsOf(object: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function broken(what: string, cause?: unknown): DistError {
  return new DistError("image/manifest-invalid", `the manifest is not valid: ${what}`, { cause });
}
