import { armor } from "./armor.ts";
import { type OpenPgpKey, publicKeyPackets, SIGNATURE_TYPES, signaturePacket } from "./packets.ts";

/** The text in the open with its signature below (RFC 9580 §7). Lines MUST NOT end in blanks: those are not signed. */
export function clearsign(key: OpenPgpKey, text: string, at: Date): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const signed = Buffer.from(lines.map((line) => line.replace(/[ \t]+$/, "")).join("\r\n"), "utf8");
  const signature = armor("SIGNATURE", signaturePacket(key, SIGNATURE_TYPES.text, signed, at));
  const shown = lines.map((line) => (line.startsWith("-") || line.startsWith("From ") ? `- ${line}` : line));
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${shown.join("\n")}\n${signature}`;
}

export function detachedSignature(key: OpenPgpKey, text: string, at: Date): string {
  return armor("SIGNATURE", signaturePacket(key, SIGNATURE_TYPES.binary, Buffer.from(text, "utf8"), at));
}

export function armoredPublicKey(key: OpenPgpKey): string {
  return armor("PUBLIC KEY BLOCK", publicKeyPackets(key));
}
