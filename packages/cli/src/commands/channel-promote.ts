import { DistError } from "@distd/core";
import type { ChannelState } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderChannel } from "../output/render-channel.ts";

export const channelPromote: Command = {
  name: ["channel", "promote"],
  summary: "Make a release live for the targets it has",
  positionals: [
    { name: "SLUG", count: "one" },
    { name: "CHANNEL", count: "one" },
    { name: "RELEASE", count: "one" },
  ],
  options: {
    expect: { type: "string", value: "SEQUENCE", summary: "only if the channel stands at this sequence" },
    exact: { type: "boolean", summary: "also drop the targets the release does not have" },
    phase: { type: "string", value: "PERCENT", summary: "only so many machines take it as an update (apt); say it again to raise it" },
  },
  async run({ args, flag, option, output, connect }) {
    const [slug = "", channel = "", release = ""] = args;
    const body = { release, exact: flag("exact"), expect: readSequence(option("expect")), phase: readPercent(option("phase")) };
    const state = await connect().post<ChannelState>(`${appPath(slug)}/channels/${encodeURIComponent(channel)}/promote`, body);
    output.result(state, renderChannel(state));
    return 0;
  },
};

export function readSequence(text: string | undefined): number | undefined {
  if (text === undefined || /^[0-9]{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new DistError("usage/invalid", `--expect is '${text}', not a sequence number`);
}

function readPercent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^(?:100|[0-9]{1,2})$/.test(text)) throw new DistError("usage/invalid", `--phase is '${text}', not a percentage from 0 to 100`);
  return Number(text);
}
