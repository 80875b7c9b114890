import { createHash } from "node:crypto";
import type { ChannelRevision, ReleaseDocument } from "@distd/core/wire";
import { fetchChannelDocument } from "./channel-reading.ts";
import type { Hub } from "./hub.ts";
import type { AckedMove, AckedRelease, Ledger } from "./ledger.ts";
import { differences } from "./push.ts";
import type { Tally } from "./tally.ts";

/** The oracle: what was acknowledged against what the server has. The server has to be up; nobody else need be quiet. */
export interface Verifying {
  readonly hub: Hub;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

const PARALLEL = 6;

/** Each release is there, published, with exactly its artifacts, and every byte of them can be fetched. */
export async function verifyReleases(context: Verifying, releases: readonly AckedRelease[]): Promise<void> {
  await eachInParallel([...new Map(releases.map((release) => [release.id, release])).values()], (release) =>
    verifyRelease(context, release),
  );
}

async function verifyRelease({ hub, ledger, tally }: Verifying, acked: AckedRelease): Promise<void> {
  const fail = (text: string): void => {
    tally.broken.add(acked.id);
    tally.fail(text);
  };
  const what = `acknowledged release ${acked.id} (${acked.app} ${acked.version})`;
  const release = await attempt(fail, what, () => hub.call<ReleaseDocument>("GET", `/api/v1/releases/${acked.id}`));
  if (!release) return;
  const wanted = ledger.yanked.has(acked.id) ? "yanked" : "published";
  // A withdrawal whose answer never came may have happened.
  if (release.status !== wanted && release.status !== "yanked") fail(`${what} is ${release.status}, not ${wanted}`);
  const wrong = differences(acked, release);
  if (wrong !== undefined) fail(`${what}: ${wrong}`);
  for (const { url, name, digest, size } of release.artifacts) {
    const answer = await attempt(fail, `${what}: '${name}'`, () => hub.send(new URL(url).pathname));
    if (!answer) continue;
    const got = `sha256:${createHash("sha256").update(answer.bytes).digest("hex")}`;
    if (got !== digest || answer.bytes.length !== size)
      fail(`${what}: '${name}' has ${answer.bytes.length} bytes ${got}, not ${size} bytes ${digest}`);
    tally.count("downloads verified");
  }
  tally.count("releases verified");
}

/** No channel stands lower than anybody was told. */
export async function verifyChannels({ hub, ledger, tally }: Verifying): Promise<void> {
  await eachInParallel(ledger.channels(), async ({ app, channel }) => {
    const told = ledger.highest(app, channel);
    const what = `channel ${channel} of ${app}, known to stand at ${told},`;
    const document = await attempt(tally.fail, what, () => fetchChannelDocument(hub, app, channel));
    if (document && document.sequence < told) tally.fail(`${what} stands at ${document.sequence}`);
    tally.count("channels verified");
  });
}

/** Each acknowledged move is in its channel's history, with the heads that were answered. */
export async function verifyMoves({ hub, tally }: Verifying, moves: readonly AckedMove[]): Promise<void> {
  const byChannel = Map.groupBy(moves, ({ app, channel }) => `/api/v1/apps/${app}/channels/${channel}/history`);
  await eachInParallel([...byChannel], async ([path, ofChannel]) => {
    const lowest = Math.min(...ofChannel.map(({ sequence }) => sequence));
    const revisions = new Map<number, ChannelRevision>();
    let before: number | null = null;
    do {
      const query: string = `?limit=${Math.min(1000, ofChannel.length + 20)}${before === null ? "" : `&before=${before}`}`;
      const page = await attempt(tally.fail, path, () =>
        hub.call<{ revisions: ChannelRevision[]; next: number | null }>("GET", `${path}${query}`),
      );
      if (!page) return;
      for (const revision of page.revisions) revisions.set(revision.sequence, revision);
      before = page.next;
    } while (before !== null && before > lowest);
    for (const { app, channel, sequence, heads } of ofChannel) {
      const there = revisions.get(sequence);
      const found = there && Object.fromEntries(Object.entries(there.targets).map(([target, head]) => [target, head.release]));
      if (!sameRecord(found, heads))
        tally.fail(
          `revision ${sequence} of ${channel} of ${app} was acknowledged as ${JSON.stringify(heads)}, but is ${JSON.stringify(found)}`,
        );
      tally.count("moves verified");
    }
  });
}

function sameRecord(a: Readonly<Record<string, string>> | undefined, b: Readonly<Record<string, string>>): boolean {
  if (!a) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

async function attempt<T>(fail: (text: string) => void, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    fail(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}

async function eachInParallel<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
