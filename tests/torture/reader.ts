import type { ReleaseDocument } from "@distd/core/wire";
import { fetchChannelDocument } from "./channel-reading.ts";
import { Stopped } from "./door.ts";
import { type Hub, Interrupted, Refused } from "./hub.ts";
import type { Ledger } from "./ledger.ts";
import { differences } from "./push.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

export interface ReaderContext {
  readonly hub: Hub;
  readonly apps: readonly string[];
  readonly random: Random;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly pauseMs: number;
}

const CHANNEL = "stable";

/** Looks at releases and channels all the time, like an updater: whatever it sees as published must be whole, and nothing may go back. */
export async function runReader(context: ReaderContext): Promise<void> {
  const { apps, random, tally, pauseMs } = context;
  for (;;) {
    const app = random.pick(apps);
    try {
      await lookAtReleases(context, app);
      await lookAtChannel(context, app);
      await Bun.sleep(random.below(pauseMs));
    } catch (error) {
      if (error instanceof Stopped) return;
      if (error instanceof Interrupted) continue;
      // Before the app's first request and its first promotion there is nothing to see.
      if (error instanceof Refused && ["app/not-found", "channel/not-found"].includes(error.code)) {
        await Bun.sleep(pauseMs);
        continue;
      }
      tally.fail(`a reader of ${app}: ${(error as Error).message}`);
      await Bun.sleep(pauseMs);
    }
  }
}

async function lookAtReleases({ hub, ledger, tally }: ReaderContext, app: string): Promise<void> {
  const answer = await hub.send(`/api/v1/apps/${app}/releases?limit=5`);
  const { releases } = JSON.parse(new TextDecoder().decode(answer.bytes)) as { releases: ReleaseDocument[] };
  for (const release of releases.filter(({ status }) => status !== "draft")) {
    const plan = ledger.planOf(app, release.version);
    const wrong = plan === undefined ? "nobody planned it" : differences(plan, release);
    if (wrong !== undefined) tally.fail(`a reader saw release ${release.id} (${app} ${release.version}), but ${wrong}`);
    tally.count("releases seen by readers");
  }
}

async function lookAtChannel({ hub, ledger, tally, random }: ReaderContext, app: string): Promise<void> {
  const known = ledger.highest(app, CHANNEL);
  const document = await fetchChannelDocument(hub, app, CHANNEL);
  if (document.sequence < known)
    tally.fail(`a reader saw ${app}/${CHANNEL} at ${document.sequence} after it was known to stand at ${known}`);
  ledger.seen(app, CHANNEL, document.sequence);
  tally.count("channel documents seen by readers");
  const targets = Object.entries(document.targets);
  if (targets.length === 0) return;
  const [path, { length }] = random.pick(targets);
  const { bytes } = await hub.send(`/d/${path}`);
  if (bytes.length !== length) tally.fail(`a reader fetched ${bytes.length} bytes of ${path}, not ${length}`);
}
