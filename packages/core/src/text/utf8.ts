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

/** As much text as there is before the first invalid byte. */
export function decodeValidStart(bytes: Uint8Array): string {
  // In a stream a character that is not finished yet is no error, so the longest prefix without one ends where the damage is.
  const decode = (length: number) => new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    try {
      decode(middle);
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return decode(good);
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
