import { asDistError, DistError } from "@distd/core";
import { createApi } from "./api/api.ts";
import { type Command, type Invocation, type ParsedArguments, parseArguments } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { findConnection } from "./credentials.ts";
import { renderHelp, renderOverview } from "./help.ts";
import { createOutput, type Streams } from "./output/output.ts";
import { VERSION } from "./version.ts";

export interface Surroundings extends Streams {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs one command line and returns its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, stdout } = surroundings;
  const output = createOutput(surroundings, { json: args.includes("--json"), env });
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once("SIGINT", onSignal);
  try {
    if (args.length === 0 || args[0] === "help" || args[0] === "--help") return print(stdout, renderOverview(COMMANDS));
    if (args[0] === "--version" || args[0] === "version") return print(stdout, `dist ${VERSION}\n`);
    const command = findCommand(args);
    const parsed = parseArguments(command, args.slice(command.name.length));
    if (parsed.values["help"] === true) return print(stdout, renderHelp(command));
    return await command.run(createInvocation(parsed, surroundings, output, interrupt.signal));
  } catch (thrown) {
    const error = interrupt.signal.aborted ? new DistError("run/interrupted", "interrupted", { cause: thrown }) : asDistError(thrown);
    output.error(error);
    if (error.code === "internal/bug" && env["DIST_DEBUG"]) surroundings.stderr.write(`${(thrown as Error).stack}\n`);
    return error.entry.exit;
  } finally {
    process.off("SIGINT", onSignal);
  }
}

function print(stream: NodeJS.WritableStream, text: string): number {
  stream.write(text);
  return 0;
}

function findCommand(args: readonly string[]): Command {
  const found = COMMANDS.find((command) => command.name.every((word, index) => args[index] === word));
  if (found) return found;
  const words = args
    .filter((arg) => !arg.startsWith("-"))
    .slice(0, 2)
    .join(" ");
  throw new DistError("usage/invalid", `there is no command '${words}'`, { hint: "see 'dist help'" });
}

function createInvocation(
  { args, values }: ParsedArguments,
  { env }: Surroundings,
  output: Invocation["output"],
  signal: AbortSignal,
): Invocation {
  const options = (name: string): string[] =>
    [values[name] ?? []]
      .flat()
      .flatMap((value) => (typeof value === "string" ? value.split(",") : []))
      .filter((value) => value !== "");
  const option = (name: string): string | undefined => {
    const value = [values[name]].flat().at(-1);
    return typeof value === "string" ? value : undefined;
  };
  return {
    args,
    flag: (name) => values[name] === true,
    option,
    options,
    env,
    output,
    commands: COMMANDS,
    signal,
    connect: () => createApi({ ...findConnection({ server: option("server"), token: option("token") }, env), signal }),
  };
}
