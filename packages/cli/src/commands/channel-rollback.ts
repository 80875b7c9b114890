import type { ChannelState } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderChannel } from "../output/render-channel.ts";
import { readSequence } from "./channel-promote.ts";

export const channelRollback: Command = {
  name: ["channel", "rollback"],
  summary: "Make live again what was live before",
  positionals: [
    { name: "SLUG", count: "one" },
    { name: "CHANNEL", count: "one" },
  ],
  options: { expect: { type: "string", value: "SEQUENCE", summary: "only if the channel stands at this sequence" } },
  async run({ args, option, output, connect }) {
    const [slug = "", channel = ""] = args;
    const state = await connect().post<ChannelState>(`${appPath(slug)}/channels/${encodeURIComponent(channel)}/rollback`, {
      expect: readSequence(option("expect")),
    });
    output.result(state, renderChannel(state));
    return 0;
  },
};
