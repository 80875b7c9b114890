import type { Feed, FeedFinding, FeedProblem, FeedVersion } from "../feed.ts";
import { memoryReader, type OnTheWay } from "./memory-reader.ts";
import { addressOf, CHANNEL, ISSUED_AT, memoryFeed, type MemoryOptions } from "./memory-view.ts";

export const HOUR_MS = 3_600_000;

export interface VerifySamples extends MemoryOptions {
  /** What the feed is made of; what is live when absent. */
  readonly offered?: readonly FeedVersion[];
  readonly channel?: string;
  readonly at?: Date;
  readonly onTheWay?: OnTheWay | undefined;
}

/** Verifies what a feed makes of versions against those that are live. */
export async function verifySamples(
  feed: Feed,
  live: readonly FeedVersion[],
  { offered = live, channel = CHANNEL, at = new Date(ISSUED_AT.getTime() + HOUR_MS), onTheWay, ...options }: VerifySamples = {},
): Promise<{ readonly findings: readonly FeedFinding[]; readonly asked: readonly string[] }> {
  const reader = memoryReader(feed, await memoryFeed(feed, offered, options), { offered, live }, onTheWay);
  const findings = await feed.verify(reader, { address: addressOf(feed), channel, releases: live, at });
  return { findings, asked: [...reader.asked] };
}

/** Another text under a path. */
export function changing(path: string | RegExp, change: (text: string) => string): OnTheWay {
  return (read, bytes) => ((typeof path === "string" ? read === path : path.test(read)) ? Buffer.from(change(bytes.toString())) : bytes);
}

export function problemsOf(findings: readonly FeedFinding[]): readonly FeedProblem[] {
  return findings.flatMap((finding) => ("problem" in finding ? [finding.problem] : []));
}
