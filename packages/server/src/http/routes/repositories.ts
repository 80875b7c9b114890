import { createRepositorySchema, feedSchema, repositoryFileSchema, repositorySchema } from "@distd/core/wire";
import { z } from "zod";
import { listFeeds } from "../../service/repositories/list-feeds.ts";
import { createRepository, listRepositories } from "../../service/repositories/membership.ts";
import { listFiles } from "../../service/repositories/list-files.ts";
import { page } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";

export const repositoryRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/repositories",
    summary: "Repositories the caller may read",
    needs: "anyone",
    answer: z.object({ repositories: z.array(repositorySchema) }),
    handle: async ({ instance, principal }) => ({ repositories: await listRepositories(instance, principal) }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/repositories",
    summary: "Make a repository of some apps or channels",
    needs: "repo:admin",
    body: createRepositorySchema,
    answer: repositorySchema,
    status: 201,
    handle: ({ instance, caller, body }) => createRepository(instance, caller, body),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/repositories/:repository/files",
    summary: "The files of a repository as a generation has them: the current one, or one of lately",
    needs: "read",
    query: page({ generation: z.coerce.number().int().positive().optional(), after: z.coerce.number().int().nonnegative().default(0) }),
    answer: z.object({ generation: z.number().int(), files: z.array(repositoryFileSchema), next: z.number().int().nullable() }),
    handle: ({ instance, principal, params, query }) => listFiles(instance, principal, params["repository"] ?? "", query),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/feeds",
    summary: "Every feed, and where the caller finds something in it",
    needs: "anyone",
    answer: z.object({ feeds: z.array(feedSchema) }),
    handle: async ({ instance, principal }) => ({ feeds: await listFeeds(instance, principal) }),
  }),
];
