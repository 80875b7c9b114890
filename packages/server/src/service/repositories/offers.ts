import { DELIVERED_ROLES, renderTarget } from "@distd/core";
import type { FeedArtifact } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";

/** How channels offer a release. */
export interface Offer {
  /** All of them went back over it. */
  readonly isPassed: boolean;
  /** For these targets; undefined: for all it has. */
  readonly targets?: ReadonlySet<string>;
  /** Percent of the machines that take it as an update; undefined: all. */
  readonly phase?: number;
}

interface OfferRow {
  readonly channel_id: string;
  readonly release_id: string;
  readonly passed: number;
  readonly targets: string | null;
  readonly phase: number | null;
}

/** What channels say of releases; by (channel, release). */
export type OfferRows = ReadonlyMap<string, readonly OfferRow[]>;

export async function loadOffers(tx: Tx, channels: readonly { readonly id: string }[], releases: readonly string[]): Promise<OfferRows> {
  const found = new Map<string, OfferRow[]>();
  if (channels.length === 0 || releases.length === 0) return found;
  const rows = await tx
    .selectFrom("channel_releases")
    .select(["channel_id", "release_id", "passed", "targets", "phase"])
    .where("release_id", "in", releases)
    .where(
      "channel_id",
      "in",
      channels.map(({ id }) => id),
    )
    .execute();
  for (const row of rows) found.set(row.release_id, [...(found.get(row.release_id) ?? []), row]);
  return found;
}

/** What the channels offer together; undefined when none does. */
export function joinOffers(rows: readonly OfferRow[]): Offer | undefined {
  if (rows.length === 0) return undefined;
  const current = rows.filter(({ passed }) => passed === 0);
  const counting = current.length > 0 ? current : rows;
  const targets = counting.every((row) => row.targets !== null)
    ? new Set(counting.flatMap((row) => JSON.parse(row.targets ?? "[]") as string[]))
    : undefined;
  const phase = counting.every((row) => row.phase !== null) ? Math.max(...counting.map((row) => row.phase ?? 0)) : undefined;
  return { isPassed: current.length === 0, ...(targets && { targets }), ...(phase !== undefined && { phase }) };
}

/** What is for no target, such as checksums, goes with every offer. */
export function isOffered(artifact: FeedArtifact, targets: ReadonlySet<string> | undefined): boolean {
  return targets === undefined || !DELIVERED_ROLES.has(artifact.role) || targets.has(renderTarget(artifact));
}
