import { decodeUtf8 } from "@distd/core";

/**
 * Android's build tools write characters beyond the basic plane as two surrogates of three bytes each, which strict UTF-8 forbids. Both
 * forms are read; anything else is undefined.
 */
export function decodeModifiedUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch {
    return decodeSurrogates(bytes);
  }
}

export function decodeUtf16(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString("utf16le");
  return text.isWellFormed() ? text : undefined;
}

function decodeSurrogates(bytes: Uint8Array): string | undefined {
  const units: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : 4;
    const rest = bytes.subarray(at + 1, at + length);
    if (lead >= 0xf5 || (lead >= 0x80 && lead < 0xc2) || rest.length !== length - 1 || rest.some((byte) => (byte & 0xc0) !== 0x80))
      return undefined;
    const point = rest.reduce((value, byte) => (value << 6) | (byte & 0x3f), length === 1 ? lead : lead & (0x7f >> length));
    if (point > 0x10ffff) return undefined;
    units.push(String.fromCodePoint(point));
    at += length;
  }
  const text = units.join("");
  return text.isWellFormed() ? text : undefined;
}
