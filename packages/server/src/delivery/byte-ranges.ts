/** `start` to `end`, end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const MAX_RANGES = 1000;

/**
 * The ranges a `Range` header asks of `size` bytes (RFC 9110 §14), in the order asked, never joined. `whole`: answer with everything, because
 * the header is absent, malformed, has too many ranges, or asks for more bytes than there are. `none`: nothing asked for exists (416).
 */
export function parseRanges(header: string | null, size: number): readonly ByteRange[] | "whole" | "none" {
  const list = header === null ? undefined : /^bytes=([0-9,\- \t]+)$/i.exec(header)?.[1];
  if (list === undefined) return "whole";
  const parts = list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0 || parts.length > MAX_RANGES) return "whole";
  const ranges: ByteRange[] = [];
  for (const part of parts) {
    const [, first = "", last = ""] = /^([0-9]{0,15})-([0-9]{0,15})$/.exec(part) ?? [];
    if (first === "" && last === "") return "whole";
    if (first !== "" && last !== "" && Number(last) < Number(first)) return "whole";
    const range =
      first === ""
        ? { start: Math.max(0, size - Number(last)), end: size }
        : { start: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) };
    if (range.start < range.end) ranges.push(range);
  }
  if (ranges.length === 0) return "none";
  const sum = ranges.reduce((bytes, { start, end }) => bytes + end - start, 0);
  return sum > size ? "whole" : ranges;
}
