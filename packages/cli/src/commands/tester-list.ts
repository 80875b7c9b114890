import type { TesterDocument } from "@distd/core/wire";
import { testersPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { formatAge } from "../output/amounts.ts";
import { renderTable } from "../output/table.ts";

export const testerList: Command = {
  name: ["tester", "list"],
  summary: "Who was invited to an app, and what they installed",
  positionals: [{ name: "APP", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const { testers } = await connect().get<{ testers: TesterDocument[] }>(testersPath(args[0] ?? ""));
    const now = Date.now();
    const rows = testers.map(({ id, name, mail, groups, links, installs }) => {
      const last = installs.at(-1);
      return [
        id,
        name,
        mail ?? "",
        groups.join(","),
        links
          .map(({ channel, state, expiresAt }) => `${channel} ${state === "open" ? `until ${expiresAt.slice(0, 10)}` : state}`)
          .join(", "),
        last === undefined ? "nothing installed" : `${last.version} installed ${formatAge(last.at, now)} ago`,
      ];
    });
    output.result({ testers }, rows.length === 0 ? "nobody yet: dist tester invite APP --channel beta --name NAME\n" : renderTable(rows));
    return 0;
  },
};
