import type { Action, Principal } from "@distd/core";
import type { z } from "zod";
import type { Caller, Instance } from "../service/instance.ts";
import type { Receiver } from "../service/uploads/receive.ts";

export const METHODS = ["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
export type Method = (typeof METHODS)[number];

/** What a handler gets. `params`, `query` and `body` have passed the route's schemas. */
export interface RouteContext<Query, Body> {
  readonly instance: Instance;
  readonly receiver: Receiver;
  readonly caller: Caller;
  readonly principal: Principal;
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/**
 * One operation of the API. The same entry validates, answers, describes itself in OpenAPI, and says whose right it needs, so that a test
 * can try every operation as everybody.
 */
export interface Route<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly method: Method;
  /** `/api/v1/apps/:app`. */
  readonly path: string;
  readonly summary: string;
  /** `anyone`: the operation is open, or decides by itself what to show. */
  readonly needs: Action | "anyone";
  readonly query?: Query;
  readonly body?: Body;
  /** Schema of the JSON answer; absent when the handler makes the whole Response. */
  readonly answer?: z.ZodType;
  /** Status of the answer; 200 when absent. */
  readonly status?: number;
  handle(context: RouteContext<z.infer<Query>, z.infer<Body>>): Promise<unknown>;
}

/** Keeps the types of one route's schemas together; the list of routes forgets them. */
export function defineRoute<Query extends z.ZodType, Body extends z.ZodType>(route: Route<Query, Body>): Route {
  return route;
}
