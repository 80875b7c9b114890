import { appPolicySchema, appSchema, createAppSchema } from "@distd/core/wire";
import { z } from "zod";
import { setPolicy } from "../../service/app-policy.ts";
import { createApp, listApps, showApp } from "../../service/apps.ts";
import { page } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";

export const appRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/apps",
    summary: "Apps the caller may see",
    needs: "anyone",
    query: page({ after: z.string().default("") }),
    answer: z.object({ apps: z.array(appSchema), next: z.string().nullable() }),
    async handle({ instance, principal, query }) {
      const apps = await listApps(instance, principal, query);
      return { apps, next: apps.length === query.limit ? (apps.at(-1)?.slug ?? null) : null };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/apps",
    summary: "Create an app",
    needs: "app:create",
    body: createAppSchema,
    answer: appSchema,
    status: 201,
    handle: ({ instance, caller, body }) => createApp(instance, caller, body),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/apps/:app",
    summary: "An app",
    needs: "read",
    answer: appSchema,
    handle: ({ instance, principal, params }) => showApp(instance, principal, params["app"] ?? ""),
  }),
  defineRoute({
    method: "PATCH",
    path: "/api/v1/apps/:app",
    summary: "Change an app's name, access or quota",
    needs: "app:admin",
    body: appPolicySchema,
    answer: appSchema,
    handle: ({ instance, caller, params, body }) => setPolicy(instance, caller, params["app"] ?? "", body),
  }),
];
