import { type DistError, toProblem } from "@distd/core";

/** Where a command's words go: the result to stdout, everything else to stderr. With --json stdout is exactly one document. */
export interface Output {
  readonly isJson: boolean;
  readonly style: Style;
  /** A terminal on stderr that may be redrawn; false in CI and with --json. */
  readonly isInteractive: boolean;
  readonly columns: number;
  /** Once, at the end. */
  result(document: unknown, text: string): void;
  /** A line about what is going on. */
  note(line: string): void;
  /** Raw text to stderr, also with --json: progress, sections of a CI log. */
  draw(text: string): void;
  error(error: DistError): void;
}

export interface Style {
  dim(text: string): string;
  bold(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

export function createOutput(
  streams: Streams,
  options: { readonly json: boolean; readonly env: Readonly<Record<string, string | undefined>> },
): Output {
  const { stdout, stderr } = streams;
  const { env, json } = options;
  const isCi = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
  const isTerminal = stderr.isTTY === true && env["TERM"] !== "dumb";
  const hasColor = isTerminal && (env["NO_COLOR"] ?? "") === "";
  const paint = (code: number) => (text: string) => (hasColor ? `\u001b[${code}m${text}\u001b[0m` : text);
  const style: Style = { dim: paint(2), bold: paint(1), good: paint(32), bad: paint(31) };
  let isPrinted = false;
  return {
    isJson: json,
    style,
    isInteractive: isTerminal && !isCi && !json,
    columns: stderr.columns ?? 80,
    result(document, text) {
      isPrinted = true;
      stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : text);
    },
    note(line) {
      if (!json) stderr.write(`${line}\n`);
    },
    draw: (text) => void stderr.write(text),
    error(error) {
      if (json && !isPrinted) stdout.write(`${JSON.stringify(toProblem(error), null, 2)}\n`);
      stderr.write(`${style.bad("error:")} ${error.message}\n${style.dim("hint:")} ${error.hint}\n${style.dim("code:")} ${error.code}\n`);
    },
  };
}
