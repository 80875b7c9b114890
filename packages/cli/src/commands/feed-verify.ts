import { DistError } from "@distd/core";
import type { Command } from "../command.ts";
import { renderFeeds } from "../output/render-feeds.ts";
import { mismatchOf, verifyFeeds } from "../verify/verify-feeds.ts";

export const feedVerify: Command = {
  name: ["feed", "verify"],
  summary: "Download what a channel has live through every feed, as its clients do, and compare it with the release",
  positionals: [{ name: "APP@CHANNEL", count: "one" }],
  options: { repository: { type: "string", value: "NAME", summary: "a repository that was made of it; the app's own when absent" } },
  async run({ args, option, output, signal, connect }) {
    const [app, channel, ...rest] = (args[0] ?? "").split("@");
    if (!app || !channel || rest.length > 0)
      throw new DistError("usage/invalid", `'${args[0]}' names no channel of an app`, { hint: "give APP@CHANNEL: acme-notes@stable" });
    const report = await verifyFeeds(connect(), { app, channel, repository: option("repository"), signal, note: output.note });
    output.result(report, renderFeeds(report.feeds, output.style));
    const mismatch = mismatchOf(report);
    if (!mismatch) return 0;
    output.error(mismatch);
    return mismatch.entry.exit;
  },
};
