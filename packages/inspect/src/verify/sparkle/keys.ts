// Sparkle's public key: 32 bytes in base64, as `SUPublicEDKey` in an app's Info.plist (sparkle-project.org, "EdDSA (ed25519) signatures").
const KEY_BYTES = 32;

export interface SparkleKey {
  /** The key itself, in base64: it has no other name. */
  readonly keyId: string;
  /** 32 bytes, Ed25519. */
  readonly point: Uint8Array;
}

/** The keys among what a caller gave. Keys of other families are passed over. */
export function readSparkleKeys(texts: readonly string[]): readonly SparkleKey[] {
  return texts.flatMap((text) => {
    const keyId = text.trim();
    const point = Buffer.from(keyId, "base64");
    return point.length === KEY_BYTES && point.toString("base64") === keyId ? [{ keyId, point }] : [];
  });
}
