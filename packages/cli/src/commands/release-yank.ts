import type { ReleaseDocument } from "@distd/core/wire";
import { findRelease, releasePath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderRelease } from "../output/render-release.ts";

export const releaseYank: Command = {
  name: ["release", "yank"],
  summary: "Withdraw a release; what is live needs a replacement",
  positionals: [{ name: "RELEASE", count: "one" }],
  options: {
    reason: { type: "string", value: "TEXT", summary: "why, for people" },
    replacement: { type: "string", value: "RELEASE", summary: "id or version to use instead" },
    quarantine: { type: "boolean", summary: "refuse downloads too, not only new installs" },
  },
  async run({ args, flag, option, output, connect }) {
    const api = connect();
    const found = await findRelease(api, args[0] ?? "");
    const body = { status: flag("quarantine") ? "quarantined" : "yanked", reason: option("reason"), replacement: option("replacement") };
    const release = await api.post<ReleaseDocument>(`${releasePath(found)}/withdraw`, body);
    output.result(release, renderRelease(release));
    return 0;
  },
};
