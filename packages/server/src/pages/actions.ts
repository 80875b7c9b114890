import { DELIVERED_ROLES, rankArtifacts } from "@distd/core";
import type { ArtifactView } from "../delivery/page-views.ts";
import type { Device } from "./device/device.ts";

/** What a page puts first for a device, and everything else. */
export interface Actions {
  /** One; two where nobody can know which chip a Mac has. Empty: there is nothing for this device, or nobody knows what it is. */
  readonly first: readonly ArtifactView[];
  /** What other devices install, in the order of preference. */
  readonly others: readonly ArtifactView[];
  /** What nobody installs: signatures, symbols, lists. */
  readonly files: readonly ArtifactView[];
}

export function chooseActions(artifacts: readonly ArtifactView[], device: Pick<Device, "platform" | "arch">): Actions {
  const delivered = artifacts.filter(({ row }) => DELIVERED_ROLES.has(row.role));
  const files = artifacts.filter((view) => !delivered.includes(view));
  const first = device.platform === undefined ? [] : firstFor(delivered, device);
  return { first, others: ranked(delivered, {}).filter((view) => !first.includes(view)), files };
}

function firstFor(delivered: readonly ArtifactView[], { platform, arch }: Pick<Device, "platform" | "arch">): readonly ArtifactView[] {
  const own = delivered.filter(({ row }) => row.platform === platform);
  // What is for any system is the right thing only where there is nothing better.
  const usable = ranked(own.length > 0 ? own : delivered, { platform, arch });
  const link = usable.find(({ row }) => row.link !== null);
  const best = platform === "ios" ? (link ?? usable[0]) : usable[0];
  if (best === undefined) return [];
  if (platform !== "macos" || arch !== undefined || best.row.arch === "any") return [best];
  // Of the same kind, for the other chip.
  const twin = usable.find(({ row }) => row.format === best.row.format && row.arch !== best.row.arch && row.variant === best.row.variant);
  return twin === undefined ? [best] : [best, twin].toSorted((a, b) => Number(b.row.arch === "arm64") - Number(a.row.arch === "arm64"));
}

function ranked(views: readonly ArtifactView[], { platform, arch }: Partial<Pick<Device, "platform" | "arch">>): readonly ArtifactView[] {
  const byRow = new Map(views.map((view) => [view.row, view]));
  const request = { ...(platform && { platform }), ...(arch && { arch }) };
  return rankArtifacts(
    views.map(({ row }) => row),
    request,
  ).flatMap((row) => byRow.get(row) ?? []);
}
