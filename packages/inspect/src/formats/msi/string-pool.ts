import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { decodeCodePage } from "./code-page.ts";

const MAX_STRINGS = 1_000_000;
const WIDE_REFERENCES = 0x80000000;

export interface StringPool {
  /** Bytes of a reference to a text in a table. */
  readonly referenceBytes: number;
  /** The text with this number; undefined for 0, which is how tables say "nothing". */
  text(reference: number): string | undefined;
}

/** `pool`: code page, then length and count of uses per text; 0 with uses means that the length follows in 32 bits. `data`: the texts. */
export function parseStringPool(pool: Uint8Array, data: Uint8Array): StringPool {
  const reader = new ByteReader(pool, { littleEndian: true });
  const head = reader.u32();
  const codePage = head & 0xffff;
  const places: { readonly offset: number; readonly bytes: number }[] = [{ offset: 0, bytes: 0 }];
  let offset = 0;
  while (reader.left >= 4) {
    if (places.length > MAX_STRINGS) throw broken(`msi: more than ${MAX_STRINGS} texts`);
    const [length, uses] = [reader.u16(), reader.u16()];
    const bytes = length === 0 && uses !== 0 ? reader.u32() : length;
    if (bytes > data.length - offset) throw broken("msi: a text lies outside the text data");
    places.push({ offset, bytes });
    offset += bytes;
  }
  // Each text is decoded once, however often tables refer to it.
  const decoded = new Map<number, string>();
  return {
    referenceBytes: head >= WIDE_REFERENCES ? 3 : 2,
    text(reference) {
      const place = places[reference];
      if (place === undefined) throw broken(`msi: there is no text ${reference}`);
      if (reference === 0) return undefined;
      const known = decoded.get(reference);
      if (known !== undefined) return known;
      const text = decodeCodePage(data.subarray(place.offset, place.offset + place.bytes), codePage);
      decoded.set(reference, text);
      return text;
    },
  };
}
