import { findRelease } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderRelease } from "../output/render-release.ts";

export const releaseShow: Command = {
  name: ["release", "show"],
  summary: "A release, its artifacts and their facts",
  positionals: [{ name: "RELEASE", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const release = await findRelease(connect(), args[0] ?? "");
    output.result(release, renderRelease(release));
    return 0;
  },
};
