import {
  attachArtifactsSchema,
  checkFilesSchema,
  createReleaseSchema,
  gateResultSchema,
  publishSchema,
  releaseSchema,
  withdrawSchema,
} from "@distd/core/wire";
import { z } from "zod";
import { checkFiles } from "../../service/releases/check-files.ts";
import { attach, createDraft } from "../../service/releases/drafts.ts";
import { publish } from "../../service/releases/publish.ts";
import { listReleases, showRelease, showReleaseById } from "../../service/releases/releases.ts";
import { withdraw } from "../../service/channels/withdraw.ts";
import { page } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";

const base = "/api/v1/apps/:app/releases";

export const releaseRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: base,
    summary: "Releases of an app, newest first",
    needs: "read",
    query: page({ before: z.string().optional() }),
    answer: z.object({ releases: z.array(releaseSchema), next: z.string().nullable() }),
    async handle({ instance, principal, params, query }) {
      const releases = await listReleases(instance, principal, params["app"] ?? "", { before: query.before, limit: query.limit });
      return { releases, next: releases.length === query.limit ? (releases.at(-1)?.id ?? null) : null };
    },
  }),
  defineRoute({
    method: "POST",
    path: base,
    summary: "Create a draft, or find the one that jobs with the same parts share",
    needs: "publish",
    body: createReleaseSchema,
    answer: releaseSchema,
    status: 201,
    handle: ({ instance, caller, params, body }) => createDraft(instance, caller, params["app"] ?? "", body),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/releases/:release",
    summary: "A release, by id",
    needs: "anyone",
    answer: releaseSchema,
    handle: ({ instance, principal, params }) => showReleaseById(instance, principal, params["release"] ?? ""),
  }),
  defineRoute({
    method: "GET",
    path: `${base}/:release`,
    summary: "A release, by id or version",
    needs: "read",
    answer: releaseSchema,
    handle: ({ instance, principal, params }) => showRelease(instance, principal, params["app"] ?? "", params["release"] ?? ""),
  }),
  defineRoute({
    method: "POST",
    path: `${base}/:release/artifacts`,
    summary: "Attach uploaded files and links to a draft, all or none",
    needs: "publish",
    body: attachArtifactsSchema,
    answer: releaseSchema,
    handle: ({ instance, caller, params, body }) => attach(instance, caller, params["app"] ?? "", params["release"] ?? "", body),
  }),
  defineRoute({
    method: "POST",
    path: `${base}/:release/publish`,
    summary: "Publish a draft; identical content is the release that is there already",
    needs: "publish",
    body: publishSchema,
    answer: releaseSchema,
    handle: ({ instance, caller, params, body }) => publish(instance, caller, params["app"] ?? "", params["release"] ?? "", body),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/apps/:app/check",
    summary: "What the release gate would say about files that are not uploaded yet",
    needs: "publish",
    body: checkFilesSchema,
    answer: z.object({ checks: z.array(gateResultSchema) }),
    handle: async ({ instance, principal, params, body }) => ({ checks: await checkFiles(instance, principal, params["app"] ?? "", body) }),
  }),
  defineRoute({
    method: "POST",
    path: `${base}/:release/withdraw`,
    summary: "Yank or quarantine a release",
    needs: "yank",
    body: withdrawSchema,
    answer: releaseSchema,
    handle: ({ instance, caller, params, body }) => withdraw(instance, caller, params["app"] ?? "", params["release"] ?? "", body),
  }),
];
