import { randomUUID } from "node:crypto";
import type { Door } from "./door.ts";
import type { Tally } from "./tally.ts";

/** No answer, or one that proves nothing: whether it was done is not known, and asking again is right. */
export class Interrupted extends Error {}

/** The server said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(what: string, status: number, problem: { code?: string; detail?: string; title?: string }) {
    super(`${what}: ${status} ${problem.code ?? "?"}: ${problem.detail ?? problem.title ?? ""}`);
    this.status = status;
    this.code = problem.code ?? "?";
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly signal?: AbortSignal;
}

/** The server's API as a stubborn client uses it. */
export interface Hub {
  /** One attempt; throws `Interrupted` or `Refused`. Waits for a server that is down. */
  send(path: string, request?: Request): Promise<Answer>;
  /** Asks until there is an answer, under one Idempotency-Key: what was done already is not done again. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
}

const TIMEOUT_MS = 20_000;
const PAUSE_MS = 8;

export function createHub({ door, token, tally }: { door: Door; token: string; tally: Tally }): Hub {
  const send: Hub["send"] = async (path, request = {}) => {
    const url = await door.address();
    const what = `${request.method ?? "GET"} ${path}`;
    door.underWay += 1;
    let answer: Answer;
    try {
      const signals = [door.signal, AbortSignal.timeout(TIMEOUT_MS), ...(request.signal ? [request.signal] : [])];
      const headers = { authorization: `Bearer ${token}`, ...request.headers };
      const response = await fetch(`${url}${path}`, { ...request, headers, redirect: "manual", signal: AbortSignal.any(signals) });
      answer = { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (cause) {
      if ((cause as Error).name === "TimeoutError" && !door.broken) tally.fail(`${what}: no answer within ${TIMEOUT_MS} ms`);
      throw new Interrupted(what, { cause });
    } finally {
      door.underWay -= 1;
    }
    tally.count("requests");
    door.everAnswered = true;
    if (answer.status < 400) return answer;
    if (answer.status >= 500 && door.broken) throw new Interrupted(what);
    const refused = new Refused(what, answer.status, problemIn(request.method, answer));
    if (answer.status === 503) {
      tally.count("told to come again");
      throw new Interrupted(what, { cause: refused });
    }
    if (answer.status >= 500) tally.fail(refused.message);
    throw refused;
  };

  return {
    send,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const key = {
        ...(method === "POST" && { "idempotency-key": randomUUID() }),
        ...(body !== undefined && { "content-type": "application/json" }),
      };
      const request = { method, headers: key, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const { bytes } = await insist(() => send(path, request));
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    },
  };
}

/** Repeats until the outcome is known. */
export async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await Bun.sleep(PAUSE_MS);
    }
  }
}

function problemIn(method: string | undefined, { status, bytes }: Answer): { code?: string; detail?: string } {
  // An answer to HEAD has no body; only uploads are asked that way here.
  if (method === "HEAD" && status === 404) return { code: "upload/not-found" };
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as { code?: string; detail?: string };
  } catch {
    return {};
  }
}
