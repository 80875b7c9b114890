const SIGNATURE_BYTES = 64;
const ATTRIBUTES = /^sparkle:edSignature="([A-Za-z0-9+/=]+)"(?:\s+length="(\d{1,15})")?$/;

export interface UpdateSignature {
  /** 64 bytes, Ed25519. */
  readonly value: Uint8Array;
  /** Bytes of the file it was made of, where that is said. */
  readonly length?: number;
}

/** What `sign_update` prints: attributes of an appcast's enclosure, or with `-p` the signature alone. Undefined: neither. */
export function readUpdateSignature(text: string): UpdateSignature | undefined {
  const line = text.trim();
  const [, base64 = line, length] = ATTRIBUTES.exec(line) ?? [];
  const value = Buffer.from(base64, "base64");
  if (value.length !== SIGNATURE_BYTES || value.toString("base64") !== base64) return undefined;
  return { value, ...(length !== undefined && { length: Number(length) }) };
}
