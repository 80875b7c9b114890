/** Values outside the picture, as guesses find them: above, and to the left. */
const ABOVE = 127;
const LEFT = 129;

/** Brightness or one colour of a picture, whole macroblocks, with a row above and a column to the left that hold what guesses find there. */
export class Plane {
  readonly stride: number;
  readonly values: Uint8Array;

  constructor(width: number, height: number) {
    this.stride = width + 1;
    this.values = new Uint8Array(this.stride * (height + 1)).fill(LEFT);
    this.values.fill(ABOVE, 0, this.stride);
  }

  /** Where a value lies; -1 is the border. */
  at(x: number, y: number): number {
    return (y + 1) * this.stride + x + 1;
  }
}
