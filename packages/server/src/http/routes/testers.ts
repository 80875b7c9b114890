import { invitationSchema, inviteTesterSchema, testerSchema } from "@distd/core/wire";
import { z } from "zod";
import { invite } from "../../service/testers/invite.ts";
import { listTesters, revokeTester } from "../../service/testers/testers.ts";
import { defineRoute, type Route } from "../route.ts";

const TESTERS = "/api/v1/apps/:app/testers";

export const testerRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: TESTERS,
    summary: "Who was invited to an app, and what they installed",
    needs: "app:admin",
    answer: z.object({ testers: z.array(testerSchema) }),
    handle: async ({ instance, caller, params }) => ({ testers: await listTesters(instance, caller, params["app"] ?? "") }),
  }),
  defineRoute({
    method: "POST",
    path: TESTERS,
    summary: "Invite a person or a group; the links are in this answer only",
    needs: "app:admin",
    body: inviteTesterSchema,
    answer: z.object({ invitations: z.array(invitationSchema) }),
    status: 201,
    handle: async ({ instance, caller, params, body }) => ({ invitations: await invite(instance, caller, params["app"] ?? "", body) }),
  }),
  defineRoute({
    method: "DELETE",
    path: `${TESTERS}/:tester`,
    summary: "End a tester's links to an app, at once",
    needs: "app:admin",
    query: z.object({ forget: z.stringbool().default(false) }),
    answer: testerSchema,
    handle: ({ instance, caller, params, query }) =>
      revokeTester(instance, caller, params["app"] ?? "", params["tester"] ?? "", query.forget),
  }),
];
