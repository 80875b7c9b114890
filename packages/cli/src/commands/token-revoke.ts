import type { TokenDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";

export const tokenRevoke: Command = {
  name: ["token", "revoke"],
  summary: "Revoke a token, at once",
  positionals: [{ name: "ID", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const token = await connect().delete<TokenDocument>(`/api/v1/tokens/${encodeURIComponent(args[0] ?? "")}`);
    output.result(token, `${token.id} (${token.name}) is revoked\n`);
    return 0;
  },
};
