const PLAIN = /^[\x20-\x7e]*$/;
/** Made when first needed: it takes 30 ms, and most text is plain. */
let segmenter: Intl.Segmenter | undefined;

/** Grapheme clusters: what a person counts as characters. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

// East Asian Wide and Fullwidth blocks (UAX #11) and emoji presentation; one regular expression, linear in the text.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;

/** Columns the text takes on a terminal: 2 for wide clusters, 0 for marks and controls, 1 otherwise. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const cluster of graphemes(text)) columns += invisible.test(cluster) ? 0 : wide.test(cluster) ? 2 : 1;
  return columns;
}

/** Pads with spaces to `columns` of display width; longer text stays as it is. */
export function padDisplay(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** Exactly `columns` of display width: padded with spaces, or cut with an ellipsis. */
export function fitDisplay(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return padDisplay(text, columns);
  let kept = "";
  for (const cluster of graphemes(text)) {
    if (displayWidth(kept + cluster) > columns - 1) break;
    kept += cluster;
  }
  return padDisplay(`${kept}…`, columns);
}
