import { ACCESS_LEVELS, type Access, DistError } from "@distd/core";
import type { AppDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";
import { renderApp } from "../output/render-app.ts";

export const appCreate: Command = {
  name: ["app", "create"],
  summary: "Create an app",
  positionals: [{ name: "SLUG", count: "one" }],
  options: {
    name: { type: "string", value: "NAME", summary: "name for people; the slug when absent" },
    access: { type: "string", value: "LEVEL", summary: `who may see it: ${ACCESS_LEVELS.join(", ")}; members when absent` },
  },
  async run({ args, option, output, connect }) {
    const [slug = ""] = args;
    const app = await connect().post<AppDocument>("/api/v1/apps", {
      slug,
      name: option("name") ?? slug,
      access: readAccess(option("access")) ?? "members",
    });
    output.result(app, renderApp(app));
    return 0;
  },
};

export function readAccess(text: string | undefined): Access | undefined {
  if (text === undefined || (ACCESS_LEVELS as readonly string[]).includes(text)) return text as Access | undefined;
  throw new DistError("usage/invalid", `'${text}' is not an access level: ${ACCESS_LEVELS.join(", ")}`);
}
