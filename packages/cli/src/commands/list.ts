import { list } from "@distd/client";
import type { Command } from "../command.ts";
import { CLIENT_OPTIONS, thisMachine } from "../client/on-this-machine.ts";
import { renderTable } from "../output/table.ts";

export const listCommand: Command = {
  name: ["list"],
  summary: "Apps that are installed on this machine",
  positionals: [],
  options: CLIENT_OPTIONS,
  async run(invocation) {
    const apps = list(thisMachine(invocation));
    const rows = Object.entries(apps).map(([app, { versions, current, channel, hub, links }]) => {
      const used = versions.find(({ folder }) => folder === current);
      return [
        app,
        used === undefined ? "no version" : `${used.version}${used.build === "" ? "" : ` (${used.build})`}`,
        channel,
        new URL(hub).host,
        links.join(", "),
      ];
    });
    invocation.output.result({ apps }, rows.length === 0 ? "nothing is installed yet: dist install APP@CHANNEL\n" : renderTable(rows));
    return 0;
  },
};
