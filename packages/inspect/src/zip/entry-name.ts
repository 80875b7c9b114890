import { ByteReader, decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";

/** The longest path either system has. */
const MAX_NAME_BYTES = 4096;
const UNICODE_NAME = 0x7075;
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const FORBIDDEN = /[\0\r\n\\]/;
const ABSOLUTE = /^(\/|[A-Za-z]:)/;

/**
 * An entry's name as text. Refused: what two programs would read as two names (NUL, CR, LF, backslash, not UTF-8) or write outside the
 * folder they extract to (absolute, drive letter, `..`). Android's and Apple's own extractors differ in exactly these.
 */
export function parseEntryName(bytes: Uint8Array): string {
  const name = decodeUtf8(bytes);
  const refuse = (what: string): Error => broken(`zip: the name ${JSON.stringify(name.slice(0, 80))} ${what}`);
  if (bytes.length > MAX_NAME_BYTES) throw broken(`zip: a name of ${bytes.length} bytes`);
  if (name.length === 0) throw broken("zip: an entry has no name");
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw refuse("begins with a byte order mark");
  const forbidden = FORBIDDEN.exec(name);
  if (forbidden) throw refuse(`holds ${JSON.stringify(forbidden[0])}`);
  if (ABSOLUTE.test(name)) throw refuse("is absolute");
  if (name.includes("..") && name.split("/").includes("..")) throw refuse("leaves its folder");
  return name;
}

/** APPNOTE 4.6.9: an extra field may hold the name a second time, and some programs unpack under that one. What does not parse is padding. */
export function checkUnicodeName(extra: Uint8Array, nameBytes: Uint8Array): void {
  if (extra.length < 4) return;
  const reader = new ByteReader(extra, { littleEndian: true });
  while (reader.left >= 4) {
    const id = reader.u16();
    const bytes = reader.u16();
    if (bytes > reader.left) return;
    const field = reader.take(bytes);
    if (id === UNICODE_NAME && !Buffer.from(field.subarray(5)).equals(nameBytes))
      throw broken(`zip: ${JSON.stringify(decodeUtf8(nameBytes).slice(0, 80))} has a second, different name`);
  }
}
