/** What reading one artifact may cost before the child that reads it is ended. The inspectors' own limits are lower; this holds when they fail. */
export interface ChildLimits {
  readonly maxResidentBytes: number;
  /** Wall clock; time spent waiting for bytes does not count. */
  readonly maxWorkMs: number;
  /** More time for each of so many bytes: signatures are over all of them. */
  readonly bytesPerMs: number;
}

export const CHILD_LIMITS: ChildLimits = { maxResidentBytes: 256 * 1024 * 1024, maxWorkMs: 5_000, bytesPerMs: 50_000 };
/** How often a working child is looked at. */
export const WATCH_MS = 20;
/** Children at work at a time. */
export const MAX_CHILDREN = 2;
/** A child with nothing to do is kept for so long. */
export const CHILD_IDLE_MS = 30_000;
