/** Who reads it. */
export type SignatureFamily = "openpgp" | "minisign" | "sparkle" | "sigstore" | "checksums";

/** minisign: 74 bytes; its keys, which begin alike, have 42. */
const MINISIGN = /^untrusted comment: [^\n]*\r?\nR[UW][A-Za-z0-9+/]{97}=\r?\n/;
const SPARKLE = /^sparkle:edSignature="/;
/** 64 bytes in base64 and nothing else: only under the name. */
const BARE_ED25519 = /^[A-Za-z0-9+/]{86}==\s*$/;
const SIGSTORE = /^\s*\{[^]{0,200}"mediaType"\s*:\s*"application\/vnd\.dev\.sigstore\.bundle/;
/** `sha256sum` and `sha512sum`: a digest, a space, a space or a star, a name. */
const CHECKSUM = /^\\?[0-9a-f]{64}(?:[0-9a-f]{64})? [ *][^\n]+$/;
/** A signature packet of OpenPGP, in the old and the new form of headers (RFC 9580 §4.2): only under the name. */
const PACKET_HEADS: ReadonlySet<number> = new Set([0x88, 0x89, 0xc2]);

/** Whose signature it is by its bytes alone, and under which name what its bytes leave open is one. Undefined: nobody's that is known here. */
export function familyOf(head: Uint8Array): { readonly family: SignatureFamily; readonly ending?: string } | undefined {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("-----BEGIN PGP SIGNATURE-----")) return { family: "openpgp" };
  if (MINISIGN.test(text)) return { family: "minisign" };
  if (SPARKLE.test(text)) return { family: "sparkle" };
  if (SIGSTORE.test(text)) return { family: "sigstore" };
  if (isChecksums(text)) return { family: "checksums" };
  if (BARE_ED25519.test(text)) return { family: "sparkle", ending: ".edsig" };
  return PACKET_HEADS.has(head[0] ?? 0) ? { family: "openpgp", ending: ".sig" } : undefined;
}

/** Every whole line; the last may be cut. */
function isChecksums(text: string): boolean {
  const lines = text.split(/\r?\n/);
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  return whole.length > 0 && whole.every((line) => CHECKSUM.test(line));
}
