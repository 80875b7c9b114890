import { randomBytes } from "node:crypto";
import { DistError, sha256 } from "@distd/core";
import type { Authenticator } from "../auth/authenticate.ts";
import { describeError } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Caller, Instance } from "../service/instance.ts";
import type { Receiver } from "../service/uploads/receive.ts";
import { asServerError, problemResponse } from "./problem-response.ts";
import { readJson, validate } from "./read-json.ts";
import type { Route } from "./route.ts";

export type Handler = (request: Request & { readonly params: Record<string, string> }) => Response | Promise<Response>;

export interface HttpContext {
  readonly instance: Instance;
  readonly receiver: Receiver;
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
}

/** The routes as `Bun.serve` wants them: one handler a path, which chooses by method. */
export function mountRoutes(context: HttpContext, routes: readonly Route[]): Record<string, Handler> {
  const byPath = Map.groupBy(routes, (route) => route.path);
  return Object.fromEntries(
    Array.from(byPath, ([path, entries]) => {
      const allow = [...new Set(entries.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])))].join(", ");
      const handler: Handler = async (request) => {
        const route =
          entries.find(({ method }) => method === request.method) ??
          entries.find(({ method }) => method === "GET" && request.method === "HEAD");
        if (!route) return new Response(null, { status: 405, headers: { allow } });
        return await answer(context, route, request);
      };
      return [path, withProblems(context, path, handler)];
    }),
  );
}

/** Of this process, and how many requests it had. */
const PROCESS_ID = randomBytes(6).toString("hex");
let requests = 0;

function nextRequestId(): string {
  requests += 1;
  return `${PROCESS_ID}-${requests.toString(36)}`;
}

/** Turns what a handler throws into an answer, logs it, counts it. */
export function withProblems(
  { instance, metrics }: HttpContext,
  path: string,
  handler: Handler,
  failed: (error: DistError, requestId: string, request: Request) => Response | Promise<Response> = problemResponse,
): Handler {
  return async (request) => {
    const started = performance.now();
    const requestId = nextRequestId();
    let response: Response;
    try {
      response = await handler(request);
    } catch (thrown) {
      const error = asServerError(thrown);
      response = await failed(error, requestId, request);
      if (response.status >= 500) instance.log("error", error.message, { requestId, path, code: error.code, error: describeError(thrown) });
    }
    response.headers.set("x-request-id", requestId);
    metrics.countRequest(path, response.status);
    const level = request.method === "GET" || request.method === "HEAD" ? "debug" : "info";
    instance.log(level, "request", {
      requestId,
      method: request.method,
      path,
      status: response.status,
      ms: Math.round(performance.now() - started),
    });
    return response;
  };
}

async function answer(
  context: HttpContext,
  route: Route,
  request: Request & { readonly params: Record<string, string> },
): Promise<Response> {
  const { instance, receiver, authenticator } = context;
  const principal = await authenticator.authenticate(request.headers.get("authorization"));
  if (principal.kind === "anonymous" && route.needs !== "anyone" && route.needs !== "read")
    throw new DistError("auth/required", `'${route.needs}' needs a token`);
  const json = route.body ? await readJson(request) : undefined;
  const body = route.body && validate(route.body, json?.value, "the request");
  const query = route.query && validate(route.query, Object.fromEntries(new URL(request.url).searchParams), "the query");
  const caller: Caller = { principal, ...idempotency(request, json?.text ?? "") };
  const result = await route.handle({ instance, receiver, caller, principal, request, params: request.params, query, body });
  if (result instanceof Response) return result;
  return Response.json(result, {
    status: route.status ?? 200,
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}

const keyPattern = /^[\x21-\x7e]{8,128}$/;

function idempotency(request: Request, body: string): Pick<Caller, "idempotency"> {
  const key = request.headers.get("idempotency-key");
  if (key === null) return {};
  if (!keyPattern.test(key)) throw new DistError("usage/invalid", "an Idempotency-Key has 8 to 128 visible ASCII characters");
  return { idempotency: { key, fingerprint: sha256(`${request.method} ${new URL(request.url).pathname}\n${body}`) } };
}
