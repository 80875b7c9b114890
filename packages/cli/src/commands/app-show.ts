import type { AppDocument, ChannelState } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderApp } from "../output/render-app.ts";
import { renderChannels } from "../output/render-channel.ts";

export const appShow: Command = {
  name: ["app", "show"],
  summary: "An app and what is live on its channels",
  positionals: [{ name: "SLUG", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const api = connect();
    const app = await api.get<AppDocument>(appPath(args[0] ?? ""));
    const { channels } = await api.get<{ channels: ChannelState[] }>(`${appPath(app.slug)}/channels`);
    output.result({ ...app, channels }, `${renderApp(app)}\n${renderChannels(app.slug, channels)}`);
    return 0;
  },
};
