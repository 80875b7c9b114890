import { ERROR_CODES } from "@distd/core";
import { z } from "zod";
import type { Route } from "./route.ts";

/** OpenAPI 3.1 of the routes, made from the schemas that validate them. */
export function renderOpenApi(routes: readonly Route[], options: { readonly version: string; readonly baseUrl: string }): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z]+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = renderOperation(route);
  }
  return {
    openapi: "3.1.0",
    info: { title: "distd", version: options.version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: options.baseUrl }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "A token from 'dist token create'." } },
      schemas: { Problem: problemSchema() },
    },
  };
}

function renderOperation(route: Route): unknown {
  const parameters = [...route.path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const query = route.query
    ? (z.toJSONSchema(route.query, { io: "input", unrepresentable: "any" }) as {
        properties?: Record<string, unknown>;
        required?: string[];
      })
    : {};
  const queryParameters = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: query.required?.includes(name) ?? false,
    schema,
  }));
  const idempotency =
    route.method === "POST" && route.body
      ? [{ name: "Idempotency-Key", in: "header", required: false, schema: { type: "string", minLength: 8, maxLength: 128 } }]
      : [];
  return {
    summary: route.summary,
    operationId: operationId(route),
    "x-needs": route.needs,
    parameters: [...parameters, ...queryParameters, ...idempotency],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: z.toJSONSchema(route.body, { io: "input", unrepresentable: "any" }) } },
      },
    }),
    responses: {
      [String(route.status ?? 200)]: {
        description: "Done",
        ...(route.answer && { content: { "application/json": { schema: z.toJSONSchema(route.answer, { unrepresentable: "any" }) } } }),
      },
      default: { description: "A problem", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
    },
  };
}

function operationId({ method, path }: Route): string {
  const words = path
    .replace("/api/v1/", "")
    .split("/")
    .map((part) => (part.startsWith(":") ? `by-${part.slice(1)}` : part));
  return [method.toLowerCase(), ...words].join("-");
}

function problemSchema(): unknown {
  const text = { type: "string" };
  return {
    type: "object",
    required: ["type", "title", "status", "detail", "code", "hint", "exit"],
    properties: {
      type: text,
      title: text,
      status: { type: "integer" },
      detail: text,
      code: { type: "string", enum: Object.keys(ERROR_CODES) },
      hint: text,
      exit: { type: "integer", description: "Exit code of the command line for this problem." },
      details: { type: "object" },
    },
  };
}
