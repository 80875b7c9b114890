import type { WantedRelease } from "../feed.ts";
import { expectSame } from "./feed-mismatch.ts";

/** Throws unless the time is that of the release, or of a later revision. */
export function checkTime(url: string, what: string, { publishedAt, revisedAt }: WantedRelease, found: string | undefined): void {
  const isRevision = found !== undefined && revisedAt !== undefined && found >= publishedAt && found <= revisedAt;
  if (!isRevision) expectSame("contradiction", url, what, publishedAt, found);
}
