import type { FeedDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";

export const feedList: Command = {
  name: ["feed", "list"],
  summary: "Every feed, and what people type to use it",
  positionals: [],
  options: {},
  async run({ output, connect }) {
    const { feeds } = await connect().get<{ feeds: FeedDocument[] }>("/api/v1/feeds");
    output.result({ feeds }, feeds.map(renderFeed).join("\n"));
    return 0;
  },
};

function renderFeed({ id, formats, endpoints }: FeedDocument): string {
  const places = endpoints.map(
    ({ repository, channel, address, lines }) =>
      `  ${repository}${channel === undefined ? "" : `, ${channel}`}  ${address}\n${lines.map((line) => `    ${line}\n`).join("")}`,
  );
  return `${id} (${formats === "all" ? "all formats" : formats.join(", ")})\n${places.length === 0 ? "  nothing in it yet\n" : places.join("")}`;
}
