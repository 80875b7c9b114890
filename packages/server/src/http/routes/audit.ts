import { auditEventSchema } from "@distd/core/wire";
import { z } from "zod";
import { authorizeInstance } from "../../auth/authorize.ts";
import { checkpoint, listAuditEvents, listCheckpoints } from "../../service/audit.ts";
import { page } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";

export const auditRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/audit/events",
    summary: "The audit log, oldest first",
    needs: "audit:read",
    query: page({ from: z.coerce.number().int().nonnegative().default(0), app: z.string().optional() }),
    answer: z.object({ events: z.array(auditEventSchema), next: z.number().int().nullable() }),
    async handle({ instance, principal, query }) {
      const events = await listAuditEvents(instance, principal, { from: query.from, limit: query.limit, app: query.app });
      const last = events.at(-1);
      return { events, next: last && events.length === query.limit ? last.index + 1 : null };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/audit/checkpoints",
    summary: "Signed statements about the log, oldest first; signs one for the log as it stands",
    needs: "audit:read",
    query: page({ after: z.coerce.number().int().nonnegative().default(0) }),
    answer: z.object({ checkpoints: z.array(z.string()) }),
    async handle({ instance, principal, query }) {
      authorizeInstance(principal, "audit:read");
      await checkpoint(instance);
      return { checkpoints: await listCheckpoints(instance, principal, query) };
    },
  }),
];
