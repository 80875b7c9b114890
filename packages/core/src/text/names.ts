import { DistError } from "../errors/dist-error.ts";
import { displayWidth, graphemes } from "./width.ts";
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

/** A channel name is not `releases` and does not begin as a version (`v2`), so addresses stay unambiguous. */
export function parseChannelName(text: string): string {
  if (!channelPattern.test(text) || text === "releases" || /^v[0-9]/.test(text)) {
    throw new DistError(
      "usage/invalid",
      `'${text.slice(0, 80)}' is not a channel name: a-z first, then up to 31 of a-z, 0-9 and hyphens; not 'releases', not as a version (v2)`,
    );
  }
  return text;
}

const MAX_DISPLAY_NAME_GRAPHEMES = 100;
const MAX_DISPLAY_NAME_BYTES = 400;
const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** A name for people: NFC, 1 to 100 grapheme clusters in at most 400 bytes, something to see, no control or direction-override characters. */
export function parseDisplayName(text: string): string {
  const name = text.normalize("NFC").trim();
  const count = graphemes(name).length;
  if (displayWidth(name) === 0 || count > MAX_DISPLAY_NAME_GRAPHEMES || utf8Length(name) > MAX_DISPLAY_NAME_BYTES || controls.test(name)) {
    throw new DistError("usage/invalid", "a name has 1 to 100 visible characters, at most 400 bytes, and no control characters");
  }
  return name;
}

const MAX_FILE_NAME_BYTES = 255;

// What Windows refuses, or reads as something else: characters, a last dot or space, and devices with any extension.
const unportable = /[/\\<>:"|?*]|[. ]$|^(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;

/** The last part of a path, as it may stand in a header and on any disk: NFC, no separators, controls, or reserved names. */
export function parseFileName(text: string): string {
  const name = text.normalize("NFC");
  if (name === "" || unportable.test(name) || controls.test(name) || utf8Length(name) > MAX_FILE_NAME_BYTES) {
    throw new DistError(
      "usage/invalid",
      `'${name.slice(0, 80)}' is not a file name: at most 255 bytes, without slashes, controls, and what Windows refuses`,
      { hint: 'leave out < > : " | ? *, a last dot or space, and names such as CON and NUL' },
    );
  }
  return name;
}

/** Two names that people would take for the same compare equal: NFKC, case folded. */
export function foldName(text: string): string {
  // Upper case and back also joins what lower case alone keeps apart: ß and ss, σ and ς.
  return text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}
