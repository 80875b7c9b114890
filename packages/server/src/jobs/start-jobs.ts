import { ADMIN, type Authenticator } from "../auth/authenticate.ts";
import { describeError } from "../log.ts";
import type { Reserve } from "../reserve.ts";
import { checkpoint } from "../service/audit.ts";
import { reissueChannelDocuments } from "../service/channels/channel-documents.ts";
import { collectGarbage } from "../service/store/collect-garbage.ts";
import { dropOldGenerations, reissueRepositories } from "../service/repositories/keep-up.ts";
import { HOUR_MS, type Instance } from "../service/instance.ts";
import { recordLastUses } from "../service/tokens.ts";

/** Work that nobody asks for: each job runs at its interval, never twice at a time; a failure is logged and tried again next time. */
export function startJobs(
  instance: Instance,
  authenticator: Authenticator,
  reserve: Reserve,
  options: { readonly gcSeconds: number },
): { stop(): Promise<void> } {
  const caller = { principal: ADMIN };
  const lastUses = () => recordLastUses(instance, authenticator.takeLastUses());
  const timers = [
    every(instance, "last-uses", 60_000, lastUses),
    every(instance, "others", 1_000, noticeOthers(instance)),
    every(instance, "reserve", 60_000, async () => reserve.restore()),
    every(instance, "checkpoint", 600_000, () => signLog(instance)),
    every(instance, "channel-documents", HOUR_MS, () => reissueChannelDocuments(instance, caller)),
    every(instance, "repositories", HOUR_MS, async () => {
      await reissueRepositories(instance, caller);
      await dropOldGenerations(instance);
    }),
    every(instance, "garbage", options.gcSeconds * 1000, async () => {
      const collected = await collectGarbage(instance, caller, { dryRun: false });
      if (collected && collected.blobs > 0) instance.log("info", "collected garbage", { blobs: collected.blobs, bytes: collected.bytes });
    }),
  ];
  return {
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()));
      await lastUses();
      await signLog(instance);
    },
  };
}

/** A command at the shell, or another process, changes the same data: each change is one event in the log. */
function noticeOthers(instance: Instance): () => Promise<void> {
  const events = () => instance.db.read.selectFrom("audit_head").select("size").executeTakeFirstOrThrow();
  let known = events();
  return async () => {
    const [before, now] = [await known, await events()];
    known = Promise.resolve(now);
    if (now.size !== before.size) instance.changed();
  };
}

/** The note goes to the log as well: who cuts the end off the database does not have that copy. */
async function signLog(instance: Instance): Promise<void> {
  const note = await checkpoint(instance);
  if (note !== undefined) instance.log("info", "audit checkpoint", { note });
}

function every(instance: Instance, name: string, milliseconds: number, work: () => Promise<unknown>): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch((error: unknown) => instance.log("error", "a job failed", { job: name, error: describeError(error) }))
      .finally(() => {
        busy = false;
      });
  }, milliseconds);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
