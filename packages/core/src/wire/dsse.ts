import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { DistError } from "../errors/dist-error.ts";
import { sha256 } from "../digest/sha256.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";

/** Dead Simple Signing Envelope 1.0: a payload, its type, and signatures over both. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64 of the payload's bytes. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Id of a key: SHA-256 of its SubjectPublicKeyInfo in DER. */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return sha256(publicKey.export({ type: "spki", format: "der" }));
}

export function sealEnvelope(payloadType: string, payload: string, privateKey: KeyObject): Envelope {
  const bytes = encodeUtf8(payload);
  const sig = sign(null, preAuthentication(payloadType, bytes), privateKey);
  return {
    payloadType,
    payload: Buffer.from(bytes).toString("base64"),
    signatures: [{ keyid: keyId(privateKey), sig: sig.toString("base64") }],
  };
}

/** The payload's text, once one of the keys has signed it; `blob/digest-mismatch` otherwise. */
export function openEnvelope(envelope: Envelope, payloadType: string, publicKeys: readonly KeyObject[]): string {
  const bytes = Buffer.from(envelope.payload, "base64");
  const signed = preAuthentication(envelope.payloadType, bytes);
  const good =
    envelope.payloadType === payloadType &&
    envelope.signatures.some(({ sig }) => publicKeys.some((key) => verify(null, signed, key, Buffer.from(sig, "base64"))));
  if (!good) throw new DistError("blob/digest-mismatch", `no known key has signed this ${payloadType}`, { hint: "check the server's key" });
  return decodeUtf8(bytes);
}

function preAuthentication(type: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([encodeUtf8(`DSSEv1 ${encodeUtf8(type).length} ${type} ${payload.length} `), payload]);
}
