import { ERROR_CODES, type ErrorCode, type ErrorEntry, isErrorCode } from "./codes.ts";

export interface ErrorOptions {
  /** What to do next; the table's hint when absent. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** JSON values that help a program: what was wanted, what was there. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error of the product. Branch on `code`, never on the message. */
export class DistError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DistError";
    this.code = code;
    this.hint = options.hint ?? ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }

  get entry(): ErrorEntry {
    return ERROR_CODES[this.code];
  }
}

/** RFC 9457 problem details: the body of every failed answer, and what a command prints with `--json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
  readonly exit: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function toProblem(error: DistError): Problem {
  const { status, exit, title } = error.entry;
  const problem = { type: `urn:distd:error:${error.code}`, title, status, detail: error.message, code: error.code, hint: error.hint, exit };
  return Object.keys(error.details).length === 0 ? problem : { ...problem, details: error.details };
}

/** Rebuilds the error from an answer's body. A code this version does not know becomes `server/failed`, its text kept. */
export function fromProblem(body: unknown, status: number): DistError {
  const problem: Partial<Problem> = isRecord(body) ? body : {};
  const code = typeof problem.code === "string" && isErrorCode(problem.code) ? problem.code : "server/failed";
  const detail = typeof problem.detail === "string" ? problem.detail : `the server answered ${status}`;
  return new DistError(code, detail, {
    ...(typeof problem.hint === "string" ? { hint: problem.hint } : {}),
    ...(isRecord(problem.details) ? { details: problem.details } : {}),
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Anything thrown, as a DistError: what neither we nor the operating system threw on purpose is our bug. */
export function asDistError(thrown: unknown): DistError {
  if (thrown instanceof DistError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const { syscall } = (thrown ?? {}) as { syscall?: unknown };
  if (typeof syscall === "string") return new DistError("system/failed", message, { cause: thrown });
  return new DistError("internal/bug", message, { cause: thrown });
}
