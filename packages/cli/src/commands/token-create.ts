import { DistError } from "@distd/core";
import type { TokenDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";
import { parseDuration } from "../output/amounts.ts";
import { renderTable } from "../output/table.ts";

export const tokenCreate: Command = {
  name: ["token", "create"],
  summary: "Create a token; its secret is shown once",
  positionals: [],
  options: {
    app: { type: "string", value: "SLUG", multiple: true, summary: "apps it reaches; every app when absent" },
    scope: {
      type: "string",
      value: "SCOPES",
      multiple: true,
      summary: "read, publish, promote, promote:CHANNEL, yank, app:create, app:admin, token:admin, audit:read",
    },
    expires: { type: "string", value: "TIME", summary: "life time such as 90d or 12h; 90d when absent" },
    name: { type: "string", value: "NAME", summary: "what it is for" },
  },
  async run({ option, options, output, connect }) {
    const scopes = options("scope");
    if (scopes.length === 0)
      throw new DistError("usage/invalid", "a token needs at least one scope", { hint: "for CI: --scope publish,promote:beta" });
    const expiresInSeconds = parseDuration(option("expires") ?? "90d");
    if (expiresInSeconds === undefined)
      throw new DistError("usage/invalid", `--expires is '${option("expires")}', not a time such as 90d, 12h or 30m`);
    const token = await connect().post<TokenDocument & { secret: string }>("/api/v1/tokens", {
      apps: options("app"),
      scopes,
      expiresInSeconds,
      name: option("name"),
    });
    const rows = [
      ["secret", token.secret],
      ["id", token.id],
      ["apps", token.apps.join(", ") || "all"],
      ["scopes", token.scopes.join(", ")],
      ["expires", token.expiresAt],
    ];
    output.result(token, `${renderTable(rows)}\nThe secret is not shown again.\n`);
    return 0;
  },
};
