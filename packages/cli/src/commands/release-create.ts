import type { ReleaseDocument } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderRelease } from "../output/render-release.ts";

export const releaseCreate: Command = {
  name: ["release", "create"],
  summary: "Create a draft; with --expect all jobs get the same one",
  positionals: [
    { name: "SLUG", count: "one" },
    { name: "VERSION", count: "one" },
  ],
  options: {
    build: { type: "string", value: "NUMBER", summary: "build number" },
    expect: { type: "string", value: "PARTS", multiple: true, summary: "parts that make it whole: android,ios,linux/x64" },
    notes: { type: "string", value: "TEXT", summary: "what is new, in Markdown" },
  },
  async run({ args, option, options, output, connect }) {
    const [slug = "", version = ""] = args;
    const parts = options("expect");
    const release = await connect().post<ReleaseDocument>(`${appPath(slug)}/releases`, {
      version,
      build: option("build"),
      notes: option("notes"),
      ...(parts.length > 0 && { parts }),
    });
    output.result(release, renderRelease(release));
    return 0;
  },
};
