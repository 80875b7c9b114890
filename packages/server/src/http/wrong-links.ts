import { DistError } from "@distd/core";

/** Wrong addresses that the server puts up with in a minute, from everybody together: people mistype a few, guessers many. */
const MOST = 120;
const MINUTE_MS = 60_000;

/** Counts addresses that nobody gave out. Right ones are never held up: they are looked up first. */
export interface WrongLinks {
  /** What whoever came with a wrong one is told: that there is no such link, or to wait. */
  next(): DistError;
}

export function createWrongLinks(now: () => number): WrongLinks {
  let began = now();
  let count = 0;
  return {
    next() {
      if (now() - began >= MINUTE_MS) [began, count] = [now(), 0];
      count += 1;
      return count > MOST
        ? new DistError("rate/limited", "too many wrong links")
        : new DistError("link/not-found", "there is no such link");
    },
  };
}
