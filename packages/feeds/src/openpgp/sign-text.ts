import { armor } from "./armor.ts";
import { type OpenPgpKey, publicKeyPackets, secretKeyPackets, SIGNATURE_TYPES, signaturePacket } from "./packets.ts";

/** The text in the open with the signatures of all keys below (RFC 9580 §7). Lines MUST NOT end in blanks: those are not signed. */
export function clearsign(keys: readonly OpenPgpKey[], text: string, at: Date): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const signed = Buffer.from(lines.map((line) => line.replace(/[ \t]+$/, "")).join("\r\n"), "utf8");
  const shown = lines.map((line) => (line.startsWith("-") || line.startsWith("From ") ? `- ${line}` : line));
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${shown.join("\n")}\n${signatures(keys, SIGNATURE_TYPES.text, signed, at)}`;
}

export function detachedSignature(keys: readonly OpenPgpKey[], text: string, at: Date): string {
  return signatures(keys, SIGNATURE_TYPES.binary, Buffer.from(text, "utf8"), at);
}

function signatures(keys: readonly OpenPgpKey[], type: number, signed: Buffer, at: Date): string {
  return armor("SIGNATURE", Buffer.concat(keys.map((key) => signaturePacket(key, type, signed, at))));
}

/** Keys in one block, as a keyring has them. */
export function armoredPublicKeys(keys: readonly OpenPgpKey[]): string {
  return armor("PUBLIC KEY BLOCK", Buffer.concat(keys.map(publicKeyPackets)));
}

/** A key that other programs can sign with, not protected by a passphrase. */
export function armoredSecretKey(key: OpenPgpKey): string {
  return armor("PRIVATE KEY BLOCK", secretKeyPackets(key));
}
