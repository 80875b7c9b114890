import { createdTokenSchema, createTokenSchema, tokenSchema } from "@distd/core/wire";
import { z } from "zod";
import { createToken, listTokens, revokeToken } from "../../service/tokens.ts";
import { defineRoute, type Route } from "../route.ts";

export const tokenRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/tokens",
    summary: "Tokens, without their secrets",
    needs: "token:admin",
    answer: z.object({ tokens: z.array(tokenSchema) }),
    handle: async ({ instance, principal }) => ({ tokens: await listTokens(instance, principal) }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/tokens",
    summary: "Create a token; its secret is in this answer only",
    needs: "token:admin",
    body: createTokenSchema,
    answer: createdTokenSchema,
    status: 201,
    handle: ({ instance, caller, body }) => createToken(instance, caller, body),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/tokens/:token",
    summary: "Revoke a token, at once",
    needs: "token:admin",
    answer: tokenSchema,
    handle: ({ instance, caller, params }) => revokeToken(instance, caller, params["token"] ?? ""),
  }),
];
