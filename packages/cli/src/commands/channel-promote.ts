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
  },
  async run({ args, flag, option, output, connect }) {
    const [slug = "", channel = "", release = ""] = args;
    const body = { release, exact: flag("exact"), expect: readSequence(option("expect")) };
    const state = await connect().post<ChannelState>(`${appPath(slug)}/channels/${encodeURIComponent(channel)}/promote`, body);
    output.result(state, renderChannel(state));
    return 0;
  },
};

export function readSequence(text: string | undefined): number | undefined {
  if (text === undefined || /^[0-9]{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new DistError("usage/invalid", `--expect is '${text}', not a sequence number`);
}
