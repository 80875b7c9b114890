import { broken } from "../broken.ts";

export function decodeUtf16Be(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).swap16().toString("utf16le");
  if (!text.isWellFormed()) throw broken("text holds half a surrogate pair");
  return text;
}
