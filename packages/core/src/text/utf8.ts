import { DistError } from "../errors/dist-error.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const encoder = new TextEncoder();

/** Bytes to text. Invalid UTF-8 is `text/invalid-utf8`, never a replacement character; a leading BOM is dropped. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    throw new DistError("text/invalid-utf8", "text is not valid UTF-8", { cause });
  }
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
