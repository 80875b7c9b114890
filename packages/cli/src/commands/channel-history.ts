import type { ChannelRevision } from "@distd/core/wire";
import { allPages } from "../api/all-pages.ts";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderTable } from "../output/table.ts";

export const channelHistory: Command = {
  name: ["channel", "history"],
  summary: "Revisions of a channel, newest first",
  positionals: [
    { name: "SLUG", count: "one" },
    { name: "CHANNEL", count: "one" },
  ],
  options: {},
  async run({ args, output, connect }) {
    const [slug = "", channel = ""] = args;
    const api = connect();
    const path = `${appPath(slug)}/channels/${encodeURIComponent(channel)}/history`;
    const revisions = await allPages<ChannelRevision, number>((before) =>
      api
        .get<{ revisions: ChannelRevision[]; next: number | null }>(path, { before, limit: 1000 })
        .then((page) => ({ items: page.revisions, next: page.next })),
    );
    output.result(
      { revisions },
      renderTable(
        revisions.map(({ sequence, kind, version, release, actor, at }) => [
          String(sequence),
          kind,
          version ?? "",
          release ?? "",
          actor,
          at,
        ]),
      ),
    );
    return 0;
  },
};
