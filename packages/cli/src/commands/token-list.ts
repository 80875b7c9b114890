import type { TokenDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";
import { formatAge } from "../output/amounts.ts";
import { renderTable } from "../output/table.ts";

export const tokenList: Command = {
  name: ["token", "list"],
  summary: "Tokens, without their secrets",
  positionals: [],
  options: {},
  async run({ output, connect }) {
    const { tokens } = await connect().get<{ tokens: TokenDocument[] }>("/api/v1/tokens");
    const now = Date.now();
    const rows = tokens.map((token) => [
      token.id,
      token.revokedAt !== null ? "revoked" : Date.parse(token.expiresAt) <= now ? "expired" : `until ${token.expiresAt.slice(0, 10)}`,
      token.lastUsedAt === null ? "never used" : `used ${formatAge(token.lastUsedAt, now)} ago`,
      token.apps.join(",") || "all apps",
      token.scopes.join(","),
      token.name,
    ]);
    output.result({ tokens }, rows.length === 0 ? "no tokens yet: dist token create --app SLUG --scope publish\n" : renderTable(rows));
    return 0;
  },
};
