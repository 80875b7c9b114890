import { install } from "@distd/client";
import type { Command } from "../command.ts";
import { CLIENT_OPTIONS, downloadProgress, findHub, parseReference, thisMachine } from "../client/on-this-machine.ts";
import { renderDone } from "../client/render-done.ts";

export const installCommand: Command = {
  name: ["install"],
  summary: "Install what is live on an app's channel, for this user",
  positionals: [{ name: "APP@CHANNEL", count: "one" }],
  options: {
    ...CLIENT_OPTIONS,
    format: { type: "string", value: "FORMAT", summary: "of several formats this one" },
    variant: { type: "string", value: "VARIANT", summary: "of several variants this one" },
  },
  async run(invocation) {
    const { args, option, output, signal } = invocation;
    const { app, channel } = parseReference(args[0] ?? "");
    const wanted = { format: option("format"), variant: option("variant") };
    const done = await install(thisMachine(invocation), findHub(invocation), app, channel, {
      ...wanted,
      ...downloadProgress(output),
      signal,
    });
    output.result(done, renderDone(done));
    return 0;
  },
};
