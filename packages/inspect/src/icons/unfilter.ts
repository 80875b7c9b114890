import { broken } from "../broken.ts";

/**
 * Undoes PNG's row filters (ISO/IEC 15948 §9), in place: each byte was stored as its difference from neighbours to the left and above. A row is
 * its filter's number, then its bytes.
 */
export function unfilter(raw: Uint8Array, rowBytes: number, rows: number, pixelBytes: number): void {
  const stride = rowBytes + 1;
  for (let row = 0; row < rows; row++) {
    const start = row * stride + 1;
    const filter = raw[start - 1] ?? 0;
    for (let column = 0; column < rowBytes; column++) {
      const at = start + column;
      const left = column >= pixelBytes ? (raw[at - pixelBytes] ?? 0) : 0;
      const above = row > 0 ? (raw[at - stride] ?? 0) : 0;
      const corner = row > 0 && column >= pixelBytes ? (raw[at - stride - pixelBytes] ?? 0) : 0;
      raw[at] = (raw[at] ?? 0) + predict(filter, left, above, corner);
    }
  }
}

function predict(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const guess = left + above - corner;
      const [toLeft, toAbove, toCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
      if (toLeft <= toAbove && toLeft <= toCorner) return left;
      return toAbove <= toCorner ? above : corner;
    }
    default:
      throw broken(`the icon's rows have a filter ${filter}, which does not exist`);
  }
}
