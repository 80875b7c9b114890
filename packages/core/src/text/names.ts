import { DistError } from "../errors/dist-error.ts";
import { graphemes } from "./width.ts";
import { utf8Length } from "./utf8.ts";

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const channelPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Address of an app: 1 to 64 of a-z, 0-9 and inner hyphens. */
export function parseSlug(text: string): string {
  if (!slugPattern.test(text)) {
    throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not an app name: 1 to 64 of a-z, 0-9 and inner hyphens`);
  }
  return text;
}

/** A channel name never parses as a version and is not `releases`, so addresses stay unambiguous. */
export function parseChannelName(text: string): string {
  if (!channelPattern.test(text) || text === "releases") {
    throw new DistError(
      "usage/invalid",
      `'${text.slice(0, 80)}' is not a channel name: a-z first, then up to 31 of a-z, 0-9 and hyphens; not 'releases'`,
    );
  }
  return text;
}

const MAX_DISPLAY_NAME_GRAPHEMES = 100;
const MAX_DISPLAY_NAME_BYTES = 400;
const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** A name for people: NFC, 1 to 100 grapheme clusters in at most 400 bytes, no control or direction-override characters. */
export function parseDisplayName(text: string): string {
  const name = text.normalize("NFC").trim();
  const count = graphemes(name).length;
  if (count < 1 || count > MAX_DISPLAY_NAME_GRAPHEMES || utf8Length(name) > MAX_DISPLAY_NAME_BYTES || controls.test(name)) {
    throw new DistError("usage/invalid", "a name has 1 to 100 characters, at most 400 bytes, and no control characters");
  }
  return name;
}

const MAX_FILE_NAME_BYTES = 255;

/** The last part of a path, as it may stand in a header and on any disk: NFC, no separators, controls, or reserved names. */
export function parseFileName(text: string): string {
  const name = text.normalize("NFC");
  if (name === "" || name === "." || name === ".." || /[/\\]/.test(name) || controls.test(name) || utf8Length(name) > MAX_FILE_NAME_BYTES) {
    throw new DistError("usage/invalid", `'${name.slice(0, 80)}' is not a file name: no slashes or control characters, at most 255 bytes`);
  }
  return name;
}

/** Two names that people would take for the same compare equal: NFKC, case folded. */
export function foldName(text: string): string {
  return text.normalize("NFKC").toLowerCase().normalize("NFKC");
}
