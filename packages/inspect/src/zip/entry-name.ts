import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";

/** The longest path either system has. */
const MAX_NAME_BYTES = 4096;

/**
 * An entry's name as text. Refused: what two programs would read as two names (NUL, CR, LF, backslash, not UTF-8) or write outside the
 * folder they extract to (absolute, drive letter, `..`). Android's and Apple's own extractors differ in exactly these.
 */
export function parseEntryName(bytes: Uint8Array): string {
  const name = decodeUtf8(bytes);
  const shown = JSON.stringify(name.slice(0, 80));
  if (bytes.length > MAX_NAME_BYTES) throw broken(`zip: a name of ${bytes.length} bytes`);
  if (name.length === 0) throw broken("zip: an entry has no name");
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw broken(`zip: the name ${shown} begins with a byte order mark`);
  for (const character of ["\0", "\r", "\n", "\\"]) {
    if (name.includes(character)) throw broken(`zip: the name ${shown} holds ${JSON.stringify(character)}`);
  }
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw broken(`zip: the name ${shown} is absolute`);
  if (name.split("/").includes("..")) throw broken(`zip: the name ${shown} leaves its folder`);
  return name;
}
