// Whom a caller trusts, as Sigstore's tools write it down: `trusted_root.json` (authorities and logs), identities, and public keys.
import { createHash, createPublicKey } from "node:crypto";
import { isBroken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";
import { readRegistryKeys } from "../npm/keys.ts";

const MAX_DEPTH = 32;
const TRUSTED_ROOT = "application/vnd.dev.sigstore.trustedroot";
const PEM_KEY = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** Who may have a certificate for his signature. Anybody can have one for himself. */
export interface SigstoreIdentity {
  /** A mail address, or the address of a workflow; `*` at its end stands for anything. */
  readonly subject: string;
  /** Who vouched for it: the address of an OpenID provider. */
  readonly issuer: string;
}

export interface PublicKey {
  /** What a bundle may call it by; absent: whatever it says. */
  readonly hint?: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly expires?: Date;
}

export interface SigstoreTrust {
  /** `trusted_root.json`, parsed and not judged. */
  readonly roots: readonly Readonly<Record<string, unknown>>[];
  readonly identities: readonly SigstoreIdentity[];
  readonly keys: readonly PublicKey[];
}

/** Among what a caller gave; what is something else is passed over. */
export function readSigstoreTrust(texts: readonly string[]): SigstoreTrust {
  const objects = texts.flatMap(readObject);
  return {
    roots: objects.filter((one) => textOf(one["mediaType"])?.startsWith(TRUSTED_ROOT) === true),
    identities: objects.flatMap(({ sigstoreIdentities: list }) => (Array.isArray(list) ? list.flatMap(readIdentity) : [])),
    keys: [
      ...texts.flatMap((text) => [...text.matchAll(PEM_KEY)].flatMap(([pem]) => readPem(pem))),
      ...readRegistryKeys(texts).map(({ keyId, ...key }) => ({ hint: keyId, ...key })),
    ],
  };
}

/** SHA-256 of the key, in base64, as cosign names it; or what its registry calls it. */
export function fingerprint({ hint, spki }: PublicKey): string {
  return hint ?? createHash("sha256").update(spki).digest("base64");
}

export function isIdentity({ subject, issuer }: SigstoreIdentity, own: SigstoreIdentity): boolean {
  const isSubject = subject.endsWith("*") ? own.subject.startsWith(subject.slice(0, -1)) : own.subject === subject;
  return isSubject && own.issuer === issuer;
}

function readObject(text: string): readonly Readonly<Record<string, unknown>>[] {
  if (!text.trimStart().startsWith("{")) return [];
  try {
    // Keys come as Latin-1, whatever they are.
    return [parseJsonObject(Buffer.from(text, "latin1"), MAX_DEPTH, "sigstore: trust")];
  } catch (thrown) {
    if (isBroken(thrown)) return [];
    throw thrown;
  }
}

function readIdentity(value: unknown): readonly SigstoreIdentity[] {
  if (!isObject(value)) return [];
  const [subject, issuer] = [textOf(value["subject"]), textOf(value["issuer"])];
  // Everybody is nobody.
  return subject === undefined || subject === "*" || issuer === undefined ? [] : [{ subject, issuer }];
}

function readPem(pem: string): readonly PublicKey[] {
  try {
    return [{ spki: createPublicKey(pem).export({ type: "spki", format: "der" }) }];
  } catch {
    return [];
  }
}
