import { install, list } from "@distd/client";
import { DistError } from "@distd/core";
import type { Command } from "../command.ts";
import { CLIENT_OPTIONS, downloadProgress, hubAt, thisMachine } from "../client/on-this-machine.ts";
import { renderDone } from "../client/render-done.ts";

export const update: Command = {
  name: ["update"],
  summary: "Bring installed apps to what is live on their channels; all of them when none is named",
  positionals: [{ name: "APP", count: "optional" }],
  options: CLIENT_OPTIONS,
  async run(invocation) {
    const { args, output, signal } = invocation;
    const machine = thisMachine(invocation);
    const installed = list(machine);
    const [only] = args;
    if (only !== undefined && !Object.hasOwn(installed, only)) throw new DistError("install/not-found", `'${only}' is not installed`);
    const apps = [];
    for (const [app, { hub, channel }] of Object.entries(installed))
      if (only === undefined || only === app)
        apps.push(await install(machine, hubAt(invocation, hub), app, channel, { ...downloadProgress(output), signal }));
    output.result({ apps }, apps.length === 0 ? "nothing is installed yet: dist install APP@CHANNEL\n" : apps.map(renderDone).join(""));
    return 0;
  },
};
