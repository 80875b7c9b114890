import { padDisplay } from "@distd/core";
import { type Command, GLOBAL_OPTIONS, type Option, usageLine } from "./command.ts";

/** All commands, one line each. */
export function renderOverview(commands: readonly Command[]): string {
  const lines = commands.map((command) => `  ${padDisplay(`${command.name.join(" ")} ${usageLine(command)}`, 46)} ${command.summary}`);
  return `dist: publish releases and say which is live\n\n${lines.join("\n")}\n\nEvery command takes --server, --token, --json and --help. Environment: DIST_SERVER, DIST_TOKEN, NO_COLOR.\n`;
}

export function renderHelp(command: Command): string {
  const usage = `dist ${command.name.join(" ")} ${usageLine(command)}`.trimEnd();
  return `${command.summary}\n\n  ${usage} [options]\n\n${renderOptions({ ...command.options, ...GLOBAL_OPTIONS })}\n`;
}

function renderOptions(options: Readonly<Record<string, Option>>): string {
  return Object.entries(options)
    .map(
      ([name, { value, multiple, summary }]) =>
        `  ${padDisplay(`--${name}${value === undefined ? "" : ` ${value}`}`, 26)} ${summary}${multiple ? " (may be repeated)" : ""}`,
    )
    .join("\n");
}
