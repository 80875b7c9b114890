import { randomUUID } from "node:crypto";
import { DistError, fromProblem } from "@distd/core";

/** The server's API, with retries. Every method throws a DistError. */
export interface Api {
  readonly server: string;
  /** For those who have to show it in another way than the API's. */
  readonly token: string | undefined;
  get<T>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** A request with a body of its own, without retries. `url` is absolute or a path. */
  send(url: string, init: RequestInit & { duplex?: "half" }): Promise<Response>;
}

export interface ApiOptions {
  readonly server: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;
const TIMEOUT_MS = 60_000;
const retried = new Set([429, 500, 502, 503, 504]);

export function createApi({ server, token, signal, sleep = pause }: ApiOptions): Api {
  const base = server.replace(/\/+$/, "");
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };

  const send: Api["send"] = async (url, init) => {
    const address = url.startsWith("/") ? `${base}${url}` : url;
    // A token goes to its own server and nowhere else.
    const own = new URL(address).origin === new URL(base).origin ? authorization : {};
    try {
      return await fetch(address, { ...init, headers: { ...own, ...(init.headers as Record<string, string>) }, redirect: "manual" });
    } catch (cause) {
      if (signal.aborted) throw new DistError("run/interrupted", "interrupted", { cause });
      throw new DistError("network/unreachable", `${new URL(base).host} does not answer: ${reason(cause)}`, { cause });
    }
  };

  const request = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    // One key for all attempts: a request whose answer was lost is answered again, not done again.
    const headers = {
      accept: "application/json",
      ...(method === "POST" && { "idempotency-key": randomUUID() }),
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    for (let attempt = 1; ; attempt++) {
      const init = {
        method,
        headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const outcome = await send(path, init).then(answerOf<T>, (error: DistError) => ({ error, status: 0, retryAfterMs: undefined }));
      if (!("error" in outcome)) return outcome.value;
      const mayRetry = outcome.error.code !== "run/interrupted" && (outcome.status === 0 || retried.has(outcome.status));
      if (!mayRetry || attempt === ATTEMPTS) throw outcome.error;
      await sleep(Math.min(MAX_PAUSE_MS, outcome.retryAfterMs ?? backoff(attempt)));
    }
  };

  return {
    server: base,
    token,
    get: (path, query = {}) => request("GET", withQuery(path, query)),
    post: (path, body) => request("POST", path, body),
    patch: (path, body) => request("PATCH", path, body),
    delete: (path) => request("DELETE", path),
    send,
  };
}

type Outcome<T> = { readonly value: T } | { readonly error: DistError; readonly status: number; readonly retryAfterMs: number | undefined };

async function answerOf<T>(response: Response): Promise<Outcome<T>> {
  if (response.ok) return { value: (response.status === 204 ? undefined : await response.json()) as T };
  return { error: await problemOf(response), status: response.status, retryAfterMs: retryAfter(response) };
}

/** The problem an answer carries. Something that is not ours, such as a proxy's page, is told by its status. */
export async function problemOf(response: Response): Promise<DistError> {
  const body: unknown = await response.json().catch(() => undefined);
  const isOurs = typeof body === "object" && body !== null && "code" in body;
  if (isOurs || response.status >= 500) return fromProblem(body, response.status);
  return new DistError("network/unreachable", `${new URL(response.url).host} answered ${response.status}, but not as distd does`, {
    hint: "check the address of the server",
  });
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Doubles with every attempt; the random half keeps many jobs from coming back at once. */
export function backoff(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function reason(cause: unknown): string {
  const { code, message, cause: inner } = cause as { code?: string; message?: string; cause?: { code?: string; message?: string } };
  return inner?.code ?? code ?? inner?.message ?? message ?? "no reason given";
}
