import type { ChannelState } from "@distd/core/wire";
import { renderTable } from "./table.ts";

export function renderChannels(slug: string, channels: readonly ChannelState[]): string {
  if (channels.length === 0) return `no channels yet: dist channel promote ${slug} CHANNEL RELEASE\n`;
  return renderTable(channels.flatMap((channel) => rows(channel)));
}

export function renderChannel(channel: ChannelState): string {
  return renderTable(rows(channel));
}

function rows({ name, sequence, targets }: ChannelState): string[][] {
  const live = Object.entries(targets);
  if (live.length === 0) return [[name, String(sequence), "nothing live"]];
  return live.map(([target, { version, release }], index) => [
    index === 0 ? name : "",
    index === 0 ? String(sequence) : "",
    target,
    version,
    release,
  ]);
}
