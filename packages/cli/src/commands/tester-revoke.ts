import type { TesterDocument } from "@distd/core/wire";
import { testersPath } from "../api/paths.ts";
import type { Command } from "../command.ts";

export const testerRevoke: Command = {
  name: ["tester", "revoke"],
  summary: "End a person's links to an app, at once",
  positionals: [
    { name: "APP", count: "one" },
    { name: "TESTER", count: "one" },
  ],
  options: { forget: { type: "boolean", summary: "keep neither name nor mail address" } },
  async run({ args, flag, output, connect }) {
    const path = `${testersPath(args[0] ?? "")}/${encodeURIComponent(args[1] ?? "")}`;
    const tester = await connect().delete<TesterDocument>(flag("forget") ? `${path}?forget=true` : path);
    output.result(tester, `${tester.id} (${tester.name}) has no access to ${args[0]} any more\n`);
    return 0;
  },
};
