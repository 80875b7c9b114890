import { parseArgs } from "node:util";
import { DistError } from "@distd/core";
import type { Api } from "./api/api.ts";
import type { Output } from "./output/output.ts";

export interface Option {
  readonly type: "string" | "boolean";
  /** What stands for the value in help: `NUMBER`. */
  readonly value?: string;
  readonly multiple?: true;
  readonly summary: string;
}

export interface Positional {
  readonly name: string;
  /** `one` is needed, `optional` may be absent, `many` is one or more and comes last. */
  readonly count: "one" | "optional" | "many";
}

/** What a command gets when it runs. */
export interface Invocation {
  /** The positionals, in order. */
  readonly args: readonly string[];
  flag(name: string): boolean;
  /** The last value of an option; undefined when it was not given. */
  option(name: string): string | undefined;
  /** All values, also those separated by commas. */
  options(name: string): readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** All there are. */
  readonly commands: readonly Command[];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Connects with --server and --token, the environment, or what `dist login` stored. */
  connect(): Api;
}

/** One command: one file, one entry in commands/index.ts, one section of docs/commands.md. */
export interface Command {
  /** `["release", "create"]`. */
  readonly name: readonly string[];
  readonly summary: string;
  readonly positionals: readonly Positional[];
  readonly options: Readonly<Record<string, Option>>;
  /** Returns the exit code. */
  run(invocation: Invocation): Promise<number>;
}

export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  server: { type: "string", value: "URL", summary: "address of the server (DIST_SERVER)" },
  token: { type: "string", value: "TOKEN", summary: "token (DIST_TOKEN; better there than here)" },
  json: { type: "boolean", summary: "print exactly one JSON document" },
  help: { type: "boolean", summary: "show this help" },
};

export interface ParsedArguments {
  readonly args: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
}

/** Reads a command's arguments; anything it does not know is `usage/invalid`. */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const all = { ...command.options, ...GLOBAL_OPTIONS };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { type, multiple }]) => [name, { type, multiple: multiple ?? false }]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    if (values["help"] !== true) requireCount(command, positionals);
    return { args: positionals, values };
  } catch (cause) {
    if (cause instanceof DistError) throw cause;
    throw new DistError("usage/invalid", (cause as Error).message.split(". ")[0]?.toLowerCase() ?? "", {
      cause,
      hint: `see 'dist ${command.name.join(" ")} --help'`,
    });
  }
}

function requireCount(command: Command, args: readonly string[]): void {
  const least = command.positionals.filter(({ count }) => count !== "optional").length;
  const most = command.positionals.some(({ count }) => count === "many") ? Number.POSITIVE_INFINITY : command.positionals.length;
  if (args.length >= least && args.length <= most) return;
  throw new DistError("usage/invalid", `'dist ${command.name.join(" ")}' takes ${usageLine(command) || "no arguments"}`, {
    hint: `see 'dist ${command.name.join(" ")} --help'`,
  });
}

/** `SLUG CHANNEL RELEASE`, `FILE…`, `[FILE]`. */
export function usageLine(command: Command): string {
  return command.positionals
    .map(({ name, count }) => (count === "optional" ? `[${name}]` : count === "many" ? `${name}…` : name))
    .join(" ");
}
