import { uninstall } from "@distd/client";
import type { Command } from "../command.ts";
import { CLIENT_OPTIONS, thisMachine } from "../client/on-this-machine.ts";

export const uninstallCommand: Command = {
  name: ["uninstall"],
  summary: "Remove an installed app: its versions, its commands, what was downloaded for it",
  positionals: [{ name: "APP", count: "one" }],
  options: CLIENT_OPTIONS,
  async run(invocation) {
    const app = invocation.args[0] ?? "";
    await uninstall(thisMachine(invocation), app);
    invocation.output.result({ app }, `${app} is removed\n`);
    return 0;
  },
};
