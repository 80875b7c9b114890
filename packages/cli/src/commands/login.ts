import { createInterface } from "node:readline/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { DistError } from "@distd/core";
import { createApi } from "../api/api.ts";
import type { Command } from "../command.ts";
import { configFolder, findConnection, readCredentials, writePrivateFile } from "../credentials.ts";

export const login: Command = {
  name: ["login"],
  summary: "Store a server's address and a token for it",
  positionals: [{ name: "SERVER", count: "optional" }],
  options: {},
  async run({ args, option, output, env, signal }) {
    const server = args[0] ?? option("server") ?? (env["DIST_SERVER"] || undefined) ?? (await ask("server: ", signal));
    const token = option("token") ?? (env["DIST_TOKEN"] || undefined) ?? (await ask("token: ", signal, { isSecret: true }));
    const connection = findConnection({ server, token }, env);
    const api = createApi({ ...connection, signal });
    const principal = await api.get<{ id: string; kind: string; scopes: string[] }>("/api/v1/principal");
    const { origin } = new URL(connection.server);
    const stored = readCredentials(env);
    const credentials = { server: connection.server, tokens: { ...stored.tokens, [origin]: token } };
    const path = join(configFolder(env), "credentials.json");
    writePrivateFile(path, `${JSON.stringify(credentials, null, 2)}\n`);
    output.result(
      { server: connection.server, principal },
      `signed in to ${connection.server} as ${principal.id} (${principal.scopes.join(", ")})\n`,
    );
    return 0;
  },
};

/** Asks in the terminal. A secret is not shown while it is typed. */
async function ask(question: string, signal: AbortSignal, { isSecret = false } = {}): Promise<string> {
  if (!process.stdin.isTTY)
    throw new DistError("usage/invalid", "'dist login' needs a server and a token", {
      hint: "DIST_TOKEN=… dist login https://dist.example.com",
    });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: isSecret ? nowhere : process.stderr, terminal: true });
  // Typed in the terminal's raw mode, Ctrl-C is a character: it is made the signal again.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    if (isSecret) process.stderr.write(question);
    return (await terminal.question(isSecret ? "" : question, { signal })).trim();
  } finally {
    terminal.close();
    if (isSecret) process.stderr.write("\n");
  }
}
