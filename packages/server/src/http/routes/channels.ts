import { channelRevisionSchema, channelSchema, promoteSchema, rollbackSchema } from "@distd/core/wire";
import { z } from "zod";
import { channelHistory, listChannels } from "../../service/channels/channel-state.ts";
import { promote, rollback } from "../../service/channels/promote.ts";
import { page } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";

const base = "/api/v1/apps/:app/channels";

export const channelRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: base,
    summary: "Channels of an app and what is live on them",
    needs: "read",
    answer: z.object({ channels: z.array(channelSchema) }),
    handle: async ({ instance, principal, params }) => ({ channels: await listChannels(instance, principal, params["app"] ?? "") }),
  }),
  defineRoute({
    method: "GET",
    path: `${base}/:channel/history`,
    summary: "Revisions of a channel, newest first",
    needs: "read",
    query: page({ before: z.coerce.number().int().optional() }),
    answer: z.object({ revisions: z.array(channelRevisionSchema), next: z.number().int().nullable() }),
    async handle({ instance, principal, params, query }) {
      const revisions = await channelHistory(instance, principal, params["app"] ?? "", params["channel"] ?? "", {
        before: query.before,
        limit: query.limit,
      });
      return { revisions, next: revisions.length === query.limit ? (revisions.at(-1)?.sequence ?? null) : null };
    },
  }),
  defineRoute({
    method: "POST",
    path: `${base}/:channel/promote`,
    summary: "Make a release live for the targets it has",
    needs: "promote",
    body: promoteSchema,
    answer: channelSchema,
    handle: ({ instance, caller, params, body }) => promote(instance, caller, params["app"] ?? "", params["channel"] ?? "", body),
  }),
  defineRoute({
    method: "POST",
    path: `${base}/:channel/rollback`,
    summary: "Go back to what was live before",
    needs: "promote",
    body: rollbackSchema,
    answer: channelSchema,
    handle: ({ instance, caller, params, body }) => rollback(instance, caller, params["app"] ?? "", params["channel"] ?? "", body),
  }),
];
