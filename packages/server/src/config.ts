import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DistError } from "@distd/core";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import type { SmtpConfig } from "./mail/smtp.ts";

/** Where everything of one instance is. */
export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly key: string;
  readonly lock: string;
  readonly collectionLock: string;
  readonly reserve: string;
}

export interface ServeConfig {
  readonly data: DataFolder;
  /** `postgres://…`, or the SQLite file in the data folder. */
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly gcSeconds: number;
  /** How long uploaded bytes stay without a release: long enough for a CI job to come back tomorrow. */
  readonly leaseSeconds: number;
  /** Absent: the server sends no mail. */
  readonly smtp: SmtpConfig | undefined;
  readonly logLevel: LogLevel;
}

export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
  } catch (cause) {
    throw new DistError("config/invalid", `the data folder ${folder} cannot be used: ${(cause as Error).message}`, {
      cause,
      hint: `give it to the user distd runs as: chown -R ${process.getuid?.() ?? "distd"} ${folder}`,
    });
  }
  return {
    path: folder,
    database: join(folder, "distd.sqlite"),
    key: join(folder, "keys", "instance.pem"),
    lock: join(folder, "distd.lock"),
    collectionLock: join(folder, "gc.lock"),
    reserve: join(folder, "reserve"),
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

const MIN_ADMIN_TOKEN_CHARACTERS = 32;

/** Flags first, then the environment, then defaults. */
export function readServeConfig(flags: Values, env: Readonly<Record<string, string | undefined>>): ServeConfig {
  const read = (flag: string, variable: string): string | undefined => (typeof flags[flag] === "string" ? flags[flag] : env[variable]);
  const path = read("data", "DISTD_DATA");
  if (path === undefined) throw new DistError("config/invalid", "there is no data folder", { hint: "name one: distd serve --data DIR" });
  const adminToken = env["DISTD_ADMIN_TOKEN"] || undefined;
  if (adminToken !== undefined && adminToken.length < MIN_ADMIN_TOKEN_CHARACTERS) {
    throw new DistError("config/invalid", `DISTD_ADMIN_TOKEN has fewer than ${MIN_ADMIN_TOKEN_CHARACTERS} characters`, {
      hint: "make one: openssl rand -hex 32",
    });
  }
  const data = openDataFolder(path);
  const logLevel = read("log-level", "DISTD_LOG_LEVEL") ?? "info";
  if (!(LOG_LEVELS as readonly string[]).includes(logLevel))
    throw new DistError("config/invalid", `'${logLevel}' is not a log level: ${LOG_LEVELS.join(", ")}`);
  return {
    data,
    database: read("database", "DISTD_DATABASE") ?? data.database,
    host: read("host", "DISTD_HOST") ?? "127.0.0.1",
    port: wholeNumber("port", read("port", "DISTD_PORT") ?? "8080", 0, 65_535),
    publicUrl: readPublicUrl(read("public-url", "DISTD_PUBLIC_URL")),
    adminToken,
    gcSeconds: wholeNumber("gc-every", read("gc-every", "DISTD_GC_EVERY") ?? "3600", 1, 86_400 * 30),
    leaseSeconds: wholeNumber("lease-seconds", read("lease-seconds", "DISTD_LEASE_SECONDS") ?? "86400", 1, 86_400 * 30),
    smtp: readSmtp(read("smtp", "DISTD_SMTP"), read("mail-from", "DISTD_MAIL_FROM")),
    logLevel: logLevel as LogLevel,
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < least || value > most)
    throw new DistError("config/invalid", `--${name} is '${text}', not a whole number from ${least} to ${most}`);
  return value;
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new DistError("config/invalid", `--public-url is '${text}', not an http or https address`);
  }
  return url.href.replace(/\/+$/, "");
}

function readSmtp(url: string | undefined, from: string | undefined): SmtpConfig | undefined {
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
    throw new DistError("config/invalid", "--smtp is not an address such as smtp://user:password@mail.example.com:587");
  if (from === undefined) throw new DistError("config/invalid", "--smtp needs --mail-from: what invitations are from");
  return { url, from };
}
