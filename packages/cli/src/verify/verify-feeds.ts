import { DistError, renderSha256 } from "@distd/core";
import type { FeedReportDocument } from "@distd/core/wire";
import { carries, type FeedFinding, FEEDS } from "@distd/feeds";
import type { Api } from "../api/api.ts";
import { createFeedReader } from "../api/feed-reader.ts";
import { findLive } from "./find-live.ts";
import { openReleaseMetadata } from "./release-metadata.ts";

/** What came of all feeds. */
export interface ChannelReport {
  readonly app: string;
  readonly channel: string;
  readonly repository: string;
  readonly ok: boolean;
  readonly feeds: readonly FeedReportDocument[];
}

export interface VerifyOptions {
  readonly app: string;
  readonly channel: string;
  /** The one the app belongs to when absent. */
  readonly repository?: string | undefined;
  readonly signal: AbortSignal;
  /** Told what comes next. */
  note(line: string): void;
}

/** Gets what is live on a channel through every feed, as each feed's clients do. Throws only what keeps it from looking. */
export async function verifyFeeds(api: Api, { app, channel, repository: chosen, signal, note }: VerifyOptions): Promise<ChannelReport> {
  const { releases, repository, isOpen, root, addresses } = await findLive(api, app, channel, chosen);
  const origins = [api.server, root].map((url) => new URL(url).origin);
  const metadata = openReleaseMetadata(api, addresses, signal);
  const at = new Date();
  const feeds: FeedReportDocument[] = [];
  for (const feed of FEEDS) {
    const address = `${root}/${feed.id}/${repository}`;
    const isCarried = releases.some(({ artifacts }) => artifacts.some(({ format }) => carries(feed, format)));
    if (isCarried) note(`verifying ${feed.id}`);
    const login = isOpen || api.token === undefined ? undefined : { token: api.token, how: feed.traits.credentials, origins };
    const reader = createFeedReader({ login, metadata, signal });
    const findings = isCarried ? await feed.verify(reader, { address, channel, releases, at }) : [];
    feeds.push({ feed: feed.id, address, findings: findings.map(renderFinding) });
  }
  return { app, channel, repository, ok: feeds.every(({ findings }) => findings.every(({ problem }) => !problem)), feeds };
}

function renderFinding(finding: FeedFinding): FeedReportDocument["findings"][number] {
  const { artifact, name, version } = finding;
  const subject = { artifact, name, version };
  if ("problem" in finding) return { ...subject, problem: finding.problem };
  const { url, size, sha256, compared, note } = finding;
  return { ...subject, good: { url, size, digest: renderSha256(sha256), compared: [...compared], ...(note !== undefined && { note }) } };
}

/** The first problem by feed, file and both sides, and how many there are; undefined when all is good. */
export function mismatchOf({ feeds }: ChannelReport): DistError | undefined {
  const problems = feeds.flatMap(({ feed, findings }) =>
    findings.flatMap(({ name, version, problem }) => (problem ? [{ feed, name, version, ...problem }] : [])),
  );
  const [first] = problems;
  if (!first) return undefined;
  const { feed, name, url, message } = first;
  const more = problems.length === 1 ? "" : `; and ${problems.length - 1} more`;
  return new DistError("feed/mismatch", `${feed} does not give ${name} as released: ${url === "" ? "" : `${url}: `}${message}${more}`, {
    details: { problems },
  });
}
