// Keys of a registry: what `/-/npm/v1/keys` answers, and the same as it stands in Sigstore's repository (`keys.json`).
import { isBroken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";

const MAX_DEPTH = 16;

export interface RegistryKey {
  /** `SHA256:…`; a label, as the registry gives it. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly expires?: Date;
}

/** Those among what a caller gave; what is something else is passed over. */
export function readRegistryKeys(texts: readonly string[]): readonly RegistryKey[] {
  return texts
    .filter((text) => text.trimStart().startsWith("{"))
    .flatMap((text) => {
      try {
        const { keys } = parseJsonObject(Buffer.from(text, "latin1"), MAX_DEPTH, "npm: keys");
        return Array.isArray(keys) ? keys.flatMap(readKey) : [];
      } catch (thrown) {
        if (isBroken(thrown)) return [];
        throw thrown;
      }
    });
}

function readKey(value: unknown): readonly RegistryKey[] {
  if (!isObject(value)) return [];
  const inner = isObject(value["publicKey"]) ? value["publicKey"] : undefined;
  const period = isObject(inner?.["validFor"]) ? inner["validFor"] : undefined;
  const keyId = textOf(value["keyid"]) ?? textOf(value["keyId"]);
  const key = textOf(value["key"]) ?? textOf(inner?.["rawBytes"]);
  if (keyId === undefined || key === undefined) return [];
  const end = textOf(value["expires"]) ?? textOf(period?.["end"]);
  // An end that cannot be read has been.
  const expires = end === undefined ? undefined : new Date(Number.isNaN(Date.parse(end)) ? 0 : Date.parse(end));
  return [{ keyId, spki: Buffer.from(key, "base64"), ...(expires && { expires }) }];
}
