import type { ReleaseDocument } from "@distd/core/wire";
import { findRelease, releasePath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderRelease } from "../output/render-release.ts";

export const releasePublish: Command = {
  name: ["release", "publish"],
  summary: "Publish a draft; exit 3 while declared parts are missing",
  positionals: [{ name: "ID", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const api = connect();
    const draft = await findRelease(api, args[0] ?? "");
    const release = await api.post<ReleaseDocument>(`${releasePath(draft)}/publish`);
    output.result(release, renderRelease(release));
    return 0;
  },
};
