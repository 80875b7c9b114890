import type { AppDocument, ChannelState, ReleaseDocument } from "@distd/core/wire";
import { Stopped } from "./door.ts";
import { type Hub, Refused } from "./hub.ts";
import type { AckedRelease, Ledger, Plan, PlannedArtifact } from "./ledger.ts";
import { bring, push } from "./push.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** How often a publisher does what; whatever is left of 1 pushes a new release. */
export interface Habits {
  readonly abandon: number;
  readonly again: number;
  readonly twins: number;
  readonly rollback: number;
  readonly yank: number;
}

export interface PublisherContext {
  readonly app: string;
  readonly admin: Hub;
  /** A hub that uses the token given. */
  hubFor(token: string): Hub;
  /** Files for one release; distinct. */
  files(random: Random): PlannedArtifact[];
  readonly habits: Habits;
  readonly random: Random;
  readonly tally: Tally;
  readonly ledger: Ledger;
  /** Milliseconds from first request to last answer, of new releases. */
  readonly onPush?: (ms: number) => void;
}

const CHANNEL = "stable";
const SCOPES = ["read", "publish", "promote", "yank"];

/** Works on an app of its own until the part is over. It is the only one who moves its channel, so it knows every sequence to expect. */
export async function runPublisher(context: PublisherContext): Promise<void> {
  const { app, admin, random, tally, habits } = context;
  try {
    await admin.call<AppDocument>("POST", "/api/v1/apps", { slug: app, name: app, access: "members" });
    const { secret } = await admin.call<{ secret: string }>("POST", "/api/v1/tokens", {
      name: app,
      apps: [app],
      scopes: SCOPES,
      expiresInSeconds: 86_400,
    });
    const work = createWork(context, context.hubFor(secret));
    for (;;) {
      const draw = random.fraction();
      const { abandon, again, twins, rollback, yank } = habits;
      if (draw < abandon) await work.abandon();
      else if (draw < abandon + again) await work.again();
      else if (draw < abandon + again + twins) await work.twins();
      else if (draw < abandon + again + twins + rollback) await work.rollback();
      else if (draw < abandon + again + twins + rollback + yank) await work.yank();
      else await work.publish();
    }
  } catch (error) {
    if (!(error instanceof Stopped)) tally.fail(`publisher of ${app}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function createWork(context: PublisherContext, hub: Hub) {
  const { app, random, tally, ledger } = context;
  const pushing = { hub, random, tally, ledger };
  const own: AckedRelease[] = [];
  let version = 0;
  let sequence = 0;
  let live = new Set<string>();

  const nextPlan = (): Plan => ({ app, version: `1.0.${++version}`, artifacts: context.files(random) });

  /** A repeated request must not move the channel twice: nobody else moves it. */
  const heard = (state: ChannelState, what: string): void => {
    if (state.sequence < sequence || state.sequence > sequence + 1)
      tally.fail(`${what} on ${app} went from ${sequence} to ${state.sequence}`);
    const heads = Object.fromEntries(Object.entries(state.targets).map(([target, head]) => [target, head.release]));
    if (state.sequence > sequence) ledger.moved({ app, channel: CHANNEL, sequence: state.sequence, heads });
    sequence = state.sequence;
    live = new Set(Object.values(heads));
    tally.count(what);
  };
  const promote = async (release: string): Promise<void> =>
    heard(
      await hub.call<ChannelState>("POST", `/api/v1/apps/${app}/channels/${CHANNEL}/promote`, { release, exact: random.chance(0.5) }),
      "promotions acknowledged",
    );

  return {
    async publish(): Promise<void> {
      const started = performance.now();
      const plan = nextPlan();
      const { id } = await push({ ...pushing, alone: true }, plan);
      own.push({ ...plan, id });
      if (random.chance(0.7)) await promote(id);
      context.onPush?.(performance.now() - started);
    },
    async abandon(): Promise<void> {
      await bring({ ...pushing, alone: true }, app, context.files(random));
      tally.count("uploads abandoned");
    },
    async again(): Promise<void> {
      if (own.length === 0) return;
      const earlier = random.pick(own);
      const { id } = await push({ ...pushing, alone: true }, earlier);
      if (id !== earlier.id) tally.fail(`${app} ${earlier.version} was ${earlier.id}, the same content pushed again is ${id}`);
      if (random.chance(0.3) && !ledger.yanked.has(id)) await promote(id);
    },
    async twins(): Promise<void> {
      const plan = nextPlan();
      const ids = (
        await Promise.all([0, 1, 2].map((twin) => push({ ...pushing, random: random.fork(`${plan.version}/${twin}`), alone: false }, plan)))
      ).map(({ id }) => id);
      if (new Set(ids).size !== 1) tally.fail(`${app} ${plan.version} pushed three times at once became ${ids.join(", ")}`);
      own.push({ ...plan, id: ids[0] as string });
    },
    async rollback(): Promise<void> {
      if (sequence === 0) return;
      try {
        heard(
          await hub.call<ChannelState>("POST", `/api/v1/apps/${app}/channels/${CHANNEL}/rollback`, { expect: sequence }),
          "rollbacks acknowledged",
        );
      } catch (error) {
        if (!(error instanceof Refused && error.code === "channel/nothing-to-roll-back")) throw error;
      }
    },
    async yank(): Promise<void> {
      const candidates = own.filter(({ id }) => !live.has(id) && !ledger.yanked.has(id));
      if (candidates.length === 0) return;
      const { id } = random.pick(candidates);
      const answer = await hub.call<ReleaseDocument>("POST", `/api/v1/apps/${app}/releases/${id}/withdraw`, {
        status: "yanked",
        reason: "torture",
      });
      if (answer.status !== "yanked") tally.fail(`release ${id} was yanked, but is ${answer.status}`);
      ledger.withdrawn(id);
      tally.count("yanks acknowledged");
    },
  };
}
