import { covers, DistError, type Heads, parseTarget, promoteHeads, type Target, withoutRelease } from "@distd/core";
import type { ReleaseDocument } from "@distd/core/wire";
import { act } from "../act.ts";
import type { Tx } from "../../db/database.ts";
import { type AppRow, openApp } from "../apps.ts";
import { cutGenerations } from "../repositories/cut-generation.ts";
import { headsOf } from "./channel-state.ts";
import { moveChannel } from "./move-channel.ts";
import type { Caller, Instance } from "../instance.ts";
import { artifactsOf, findRelease, renderRelease } from "../releases/releases.ts";

export interface Withdraw {
  readonly status: "yanked" | "quarantined";
  readonly reason: string;
  /** Id or version; needed when the release is live. */
  readonly replacement?: string | undefined;
}

const order = ["published", "yanked", "quarantined"];

/**
 * Yanked: no longer resolved, exact download works. Quarantined: refused everywhere. Never undone. Channels on which it is live move to the
 * replacement in the same commit.
 */
export async function withdraw(
  instance: Instance,
  caller: Caller,
  slug: string,
  reference: string,
  input: Withdraw,
): Promise<ReleaseDocument> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "yank", slug);
    const release = await findRelease(tx, app, reference);
    if (release.status === "draft")
      throw new DistError("release/draft", `release ${release.id} is a draft; it is nowhere to be withdrawn from`);
    if (order.indexOf(release.status) >= order.indexOf(input.status)) return { result: await renderRelease(tx, instance, app, release) };

    const live = await tx
      .selectFrom("channels")
      .selectAll()
      .where("id", "in", tx.selectFrom("channel_heads").select("channel_id").where("release_id", "=", release.id))
      .orderBy("name")
      .execute();
    const replacement = input.replacement === undefined ? undefined : await findRelease(tx, app, input.replacement);
    if (live.length > 0 && (!replacement || replacement.id === release.id)) {
      throw new DistError("release/live", `release ${release.version} is live on ${live.map((channel) => channel.name).join(", ")}`, {
        details: { channels: live.map((channel) => channel.name) },
      });
    }
    if (replacement && replacement.status !== "published")
      throw new DistError("release/withdrawn", `the replacement ${replacement.version} is ${replacement.status}`);

    const change = { status: input.status, withdrawal_reason: input.reason, replacement_id: replacement?.id ?? null };
    await tx.updateTable("releases").set(change).where("id", "=", release.id).execute();
    const replacementTargets = replacement ? await artifactsOf(tx, replacement.id) : [];
    for (const channel of live) {
      const heads = replaceHeads(await headsOf(tx, channel.id), release.id, replacement?.id, replacementTargets);
      await moveChannel(tx, instance, app, channel, {
        kind: "withdraw",
        release: replacement?.id ?? null,
        restores: null,
        heads,
        actor: caller.principal.id,
        withdrawn: { release: release.id, isListed: input.status === "yanked" },
      });
    }
    await takeOffIndexes(tx, instance, app, release.id, { isListed: input.status === "yanked", done: live.map(({ id }) => id) });
    const details = {
      version: release.version,
      reason: input.reason,
      replacement: replacement?.id ?? null,
      channels: live.map((channel) => channel.name),
    };
    const action = input.status === "yanked" ? "release.yank" : "release.quarantine";
    return {
      result: await renderRelease(tx, instance, app, { ...release, ...change }),
      event: { action, app: slug, subject: release.id, details },
    };
  });
}

/** Channels that offer it beside what is live: nothing moves, but their indexes change. */
async function takeOffIndexes(
  tx: Tx,
  instance: Instance,
  app: AppRow,
  release: string,
  { isListed, done }: { readonly isListed: boolean; readonly done: readonly string[] },
): Promise<void> {
  const offering = await tx
    .selectFrom("channels")
    .innerJoin("channel_releases", "channel_releases.channel_id", "channels.id")
    .select(["channels.id", "channels.name"])
    .where("channel_releases.release_id", "=", release)
    .orderBy("channels.name")
    .execute();
  for (const channel of offering.filter(({ id }) => !done.includes(id))) {
    if (!isListed) await tx.deleteFrom("channel_releases").where("channel_id", "=", channel.id).where("release_id", "=", release).execute();
    await cutGenerations(tx, instance, app, {
      channel,
      touched: [release],
      restated: isListed ? [release] : [],
      heads: Object.values(await headsOf(tx, channel.id)),
    });
  }
}

/** Only the targets the withdrawn release had change hands; those the replacement has no build for go empty. */
function replaceHeads(heads: Heads, release: string, replacement: string | undefined, targets: readonly Target[]): Heads {
  const freed = Object.keys(heads)
    .filter((head) => heads[head] === release)
    .map(parseTarget);
  const taken = targets.filter((target) => freed.some((head) => covers(target, head) || covers(head, target)));
  const kept = withoutRelease(heads, release);
  return replacement === undefined ? kept : promoteHeads(kept, replacement, taken, { exact: false });
}
