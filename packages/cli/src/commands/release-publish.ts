import type { ReleaseDocument } from "@distd/core/wire";
import { findRelease, releasePath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { OVERRIDE_OPTIONS, readOverrides } from "../publish/overrides.ts";
import { renderRelease } from "../output/render-release.ts";

export const releasePublish: Command = {
  name: ["release", "publish"],
  summary: "Publish a draft; exit 3 while declared parts are missing",
  positionals: [{ name: "ID", count: "one" }],
  options: {
    channel: { type: "string", value: "NAME", summary: "the channel it is meant for: the gate compares with what is live there" },
    ...OVERRIDE_OPTIONS,
  },
  async run(invocation) {
    const { args, option, output, connect } = invocation;
    const overrides = readOverrides(invocation);
    const api = connect();
    const draft = await findRelease(api, args[0] ?? "");
    const release = await api.post<ReleaseDocument>(`${releasePath(draft)}/publish`, { channel: option("channel"), overrides });
    output.result(release, renderRelease(release));
    return 0;
  },
};
