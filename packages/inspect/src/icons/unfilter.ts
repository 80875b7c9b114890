import { broken } from "../broken.ts";

/** Undoes PNG's row filters (ISO/IEC 15948 §9): each byte was stored as its difference from neighbours to the left and above. */
export function unfilter(raw: Uint8Array, rowBytes: number, rows: number, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(rowBytes * rows);
  for (let row = 0; row < rows; row++) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    const start = row * rowBytes;
    for (let column = 0; column < rowBytes; column++) {
      const value = raw[row * (rowBytes + 1) + 1 + column] ?? 0;
      const left = column >= pixelBytes ? (out[start + column - pixelBytes] ?? 0) : 0;
      const above = row > 0 ? (out[start - rowBytes + column] ?? 0) : 0;
      const corner = row > 0 && column >= pixelBytes ? (out[start - rowBytes + column - pixelBytes] ?? 0) : 0;
      out[start + column] = value + predict(filter, left, above, corner);
    }
  }
  return out;
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
