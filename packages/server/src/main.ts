import { parseArgs } from "node:util";
import { asDistError, DistError, toProblem } from "@distd/core";
import { VERSION } from "./version.ts";

const USAGE = `distd: the server

  distd serve --data DIR [--port N] [--host 127.0.0.1] [--public-url URL] [--database postgres://…]
              [--smtp smtp://USER:PASSWORD@HOST:587 --mail-from ADDRESS]
              [--gc-every SECONDS] [--lease-seconds N] [--log-level debug|info|warn|error]
  distd check --data DIR [--database …] [--read-data] [--json]     compare rows, files, channels and the audit log
  distd gc    --data DIR [--database …] [--dry-run] [--json]       remove blobs that nothing needs
  distd keys list    --data DIR                                    what repositories sign with
  distd keys rotate  --data DIR --family openpgp|ecdsa-p256 [--repository main] [--overlap-days 90] [--compromised]
  distd keys export  --data DIR --family … [--repository main] [--secret]
  distd keys backup  --data DIR --file FILE [--passphrase-file FILE]   the instance key and all of them, under a passphrase
  distd keys restore --data DIR --file FILE [--passphrase-file FILE]   puts back what is not there
  distd version

The environment: DISTD_ADMIN_TOKEN (32 or more characters; a principal with every right), DISTD_DATA, DISTD_PORT, DISTD_HOST,
DISTD_PUBLIC_URL, DISTD_DATABASE, DISTD_GC_EVERY, DISTD_LEASE_SECONDS, DISTD_LOG_LEVEL, DISTD_BACKUP_PASSPHRASE.
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

async function main(args: readonly string[]): Promise<number> {
  const [command = "help", ...rest] = args;
  if (command === "help" || command === "--help" || command === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command === "version" || command === "--version") {
    process.stdout.write(`distd ${VERSION}\n`);
    return 0;
  }
  const options = { data: text, database: text, json: flag };
  switch (command) {
    case "serve": {
      const flags = parse(rest, {
        data: text,
        database: text,
        host: text,
        port: text,
        "public-url": text,
        "gc-every": text,
        "lease-seconds": text,
        smtp: text,
        "mail-from": text,
        "log-level": text,
      });
      return (await import("./commands/serve.ts")).runServe(flags);
    }
    case "check":
      return (await import("./commands/check.ts")).runCheck(parse(rest, { ...options, "read-data": flag }));
    case "inspect-child":
      (await import("./sandbox/inspect-child.ts")).runInspectChild();
      return 0;
    case "gc":
      return (await import("./commands/gc.ts")).runGc(parse(rest, { ...options, "dry-run": flag }));
    case "keys": {
      const [action = "", ...flags] = rest;
      const own = {
        repository: text,
        family: text,
        file: text,
        "overlap-days": text,
        "passphrase-file": text,
        compromised: flag,
        secret: flag,
      };
      return (await import("./commands/keys/index.ts")).runKeys(action, parse(flags, { ...options, ...own }));
    }
    default:
      throw new DistError("usage/invalid", `there is no command '${command}'`, { hint: "see 'distd help'" });
  }
}

function parse(
  args: readonly string[],
  options: Record<string, { type: "string" | "boolean" }>,
): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new DistError("usage/invalid", (cause as Error).message.split(". ")[0] ?? "", { cause, hint: "see 'distd help'" });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = asDistError(thrown);
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(toProblem(error))}\n`);
  process.stderr.write(`error: ${error.message}\nhint: ${error.hint}\ncode: ${error.code}\n`);
  process.exitCode = error.entry.exit;
}
