import type { ChannelState } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderChannels } from "../output/render-channel.ts";

export const channelList: Command = {
  name: ["channel", "list"],
  summary: "Channels of an app and what is live on them",
  positionals: [{ name: "SLUG", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const [slug = ""] = args;
    const { channels } = await connect().get<{ channels: ChannelState[] }>(`${appPath(slug)}/channels`);
    output.result({ channels }, renderChannels(slug, channels));
    return 0;
  },
};
