import { rollback } from "@distd/client";
import type { Command } from "../command.ts";
import { CLIENT_OPTIONS, thisMachine } from "../client/on-this-machine.ts";
import { renderDone } from "../client/render-done.ts";

export const rollbackCommand: Command = {
  name: ["rollback"],
  summary: "Use the version of an installed app that was used before",
  positionals: [{ name: "APP", count: "one" }],
  options: CLIENT_OPTIONS,
  async run(invocation) {
    const done = await rollback(thisMachine(invocation), invocation.args[0] ?? "");
    invocation.output.result(done, renderDone(done));
    return 0;
  },
};
