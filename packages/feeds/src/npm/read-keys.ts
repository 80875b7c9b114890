import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { FeedReader } from "../feed.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { listOf, objectOf, textOf } from "../verification/json-values.ts";
import { MAX_DOCUMENT_BYTES, readJsonIndex } from "../verification/read-index.ts";

const KEY_TYPE = "ecdsa-sha2-nistp256";

export interface RegistryKey {
  readonly keyid: string;
  readonly key: KeyObject;
  /** Null: never. */
  readonly expires: Date | null;
}

/** Keys of a registry's signatures, as `npm audit signatures` fetches them. Throws `FeedMismatch`. */
export async function readKeys(reader: FeedReader, address: string): Promise<readonly RegistryKey[]> {
  const url = `${address}/-/npm/v1/keys`;
  const document = objectOf(await readJsonIndex(reader, url, { maxBytes: MAX_DOCUMENT_BYTES, accept: "application/json" }));
  return listOf(document["keys"]).map((entry) => {
    const { keyid, keytype, scheme, key, expires } = objectOf(entry);
    expectSame("signature", url, "keytype", KEY_TYPE, textOf(keytype));
    expectSame("signature", url, "scheme", KEY_TYPE, textOf(scheme));
    const end = typeof expires === "string" ? new Date(expires) : expires;
    if (end !== null && !(end instanceof Date && Number.isFinite(end.getTime())))
      throw new FeedMismatch("signature", url, "a key does not say when it expires");
    return { keyid: textOf(keyid) ?? "", key: publicKey(url, textOf(key) ?? ""), expires: end };
  });
}

function publicKey(url: string, text: string): KeyObject {
  const der = fromBase64(text);
  try {
    if (!der) throw new Error("not base64");
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    expectSame("signature", url, "a key's curve", "prime256v1", key.asymmetricKeyDetails?.namedCurve);
    return key;
  } catch (thrown) {
    if (thrown instanceof FeedMismatch) throw thrown;
    throw new FeedMismatch("signature", url, "a key cannot be read");
  }
}

export function isSignedBy({ key }: RegistryKey, text: string, signature: string): boolean {
  const der = fromBase64(signature);
  return der !== undefined && verify("sha256", Buffer.from(text, "utf8"), key, der);
}

/** Undefined for what nobody would write so. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
