import { ByteReader } from "@distd/core";

/** Which devices a resource value is for. Zero means any. */
export interface ResourceConfig {
  /** BCP 47, such as `de`, `pt-BR`, `sr-Latn`; empty for the default. */
  readonly locale: string;
  readonly density: number;
  /** What only a device with this mobile network, keyboard, car dock … would use; such values are nobody's default. */
  readonly isSpecial: boolean;
  /** Wider or newer is the better match, compared in this order. */
  readonly rank: readonly number[];
}

const PORTRAIT = 1;
const NORMAL_SCREEN = 2;
const TABLET_DP = 320;

/**
 * ResTable_config: size, network codes, language, region, orientation, touchscreen, density, keyboard, navigation, input flags, screen
 * pixels, sdk version, layout, ui mode, smallest width, width and height in dp, script, variant. Older tables end earlier. What counts
 * as special is what a portrait phone of 320 dp, the device aapt has in mind, would not use.
 */
export function parseResourceConfig(bytes: Uint8Array): ResourceConfig {
  const padded = new Uint8Array(64);
  padded.set(bytes.subarray(0, 64));
  const reader = new ByteReader(padded, { littleEndian: true }).seek(4);
  const network = reader.u32();
  const language = reader.take(2);
  const region = reader.take(2);
  const [orientation, touchscreen] = [reader.u8(), reader.u8()];
  const density = reader.u16();
  const input = reader.u32();
  const pixels = reader.u32();
  const sdk = reader.u16();
  reader.skip(2);
  const [layout, uiMode] = [reader.u8(), reader.u8()];
  const [smallestWidthDp, widthDp, heightDp] = [reader.u16(), reader.u16(), reader.u16()];
  const script = ascii(reader.take(4));
  const variant = ascii(reader.take(8));
  const locale = [subtag(language, 0x61), script, subtag(region, 0x30), variant].filter((part) => part !== "").join("-");
  const isSpecial =
    network !== 0 ||
    touchscreen !== 0 ||
    input !== 0 ||
    pixels !== 0 ||
    uiMode !== 0 ||
    orientation > PORTRAIT ||
    (layout & 0x0f) > NORMAL_SCREEN ||
    Math.max(smallestWidthDp, widthDp) > TABLET_DP;
  return { locale, density, isSpecial, rank: [smallestWidthDp, widthDp, heightDp, layout & 0x0f, orientation, sdk] };
}

export function compareRank(a: ResourceConfig, b: ResourceConfig): number {
  for (const [index, value] of a.rank.entries()) {
    const other = b.rank[index] as number;
    if (value !== other) return value - other;
  }
  return 0;
}

/** Two letters, or three packed into fifteen bits with the high bit set. */
function subtag(bytes: Uint8Array, base: number): string {
  const [first, second] = [bytes[0] as number, bytes[1] as number];
  if ((first & 0x80) === 0) return ascii(bytes);
  return String.fromCharCode(base + (second & 0x1f), base + ((second >> 5) | ((first & 0x03) << 3)), base + ((first >> 2) & 0x1f));
}

function ascii(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString("latin1");
  return /^[A-Za-z0-9]*$/.test(text) ? text : "";
}
