// What a registry says of one version of a package, as `npm view NAME@VERSION --json` writes it down, or the whole document of the package.
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 32;
const MAX_SIGNATURES = 16;

export interface RegistrySignature {
  readonly keyId: string;
  /** DER, as ECDSA writes it. */
  readonly value: Uint8Array;
}

export interface RegistryVersion {
  readonly name: string;
  readonly version: string;
  /** Subresource Integrity: `sha512-…`, as it was signed. */
  readonly integrity: string;
  readonly signatures: readonly RegistrySignature[];
  /** When it was published, as the registry says; nothing signs that. */
  readonly publishedAt?: Date;
}

/** Of the version named. What cannot be read is `artifact/broken`. */
export async function readRegistryVersion(file: ByteSource, version: string): Promise<RegistryVersion> {
  if (file.size > MAX_DOCUMENT_BYTES) throw broken(`npm: a document of ${file.size} bytes`);
  const document = parseJsonObject(await file.read(0, file.size), MAX_DEPTH, "npm: the registry's document");
  const own = isObject(document["dist"]) ? document : member(document["versions"], version);
  const dist = isObject(own) ? own["dist"] : undefined;
  if (!isObject(own) || !isObject(dist)) throw broken(`npm: the registry's document says nothing of version ${version}`);
  const [name, said, integrity] = [textOf(own["name"]), textOf(own["version"]), textOf(dist["integrity"])];
  if (name === undefined || said === undefined) throw broken("npm: the registry's document names no package and version");
  if (integrity === undefined) throw broken("npm: the registry's document has no integrity");
  const published = Date.parse(textOf(member(document["time"], said)) ?? "");
  return {
    name,
    version: said,
    integrity,
    signatures: readSignatures(dist["signatures"]),
    ...(!Number.isNaN(published) && { publishedAt: new Date(published) }),
  };
}

function readSignatures(value: unknown): readonly RegistrySignature[] {
  const list = value === undefined ? [] : value;
  if (!Array.isArray(list) || list.length > MAX_SIGNATURES) throw broken("npm: the signatures cannot be read");
  return list.map((one: unknown) => {
    const [keyId, sig] = isObject(one) ? [textOf(one["keyid"]), textOf(one["sig"])] : [];
    const bytes = Buffer.from(sig ?? "", "base64");
    if (keyId === undefined || bytes.length === 0 || bytes.toString("base64") !== sig) throw broken("npm: a signature cannot be read");
    return { keyId, value: bytes };
  });
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
