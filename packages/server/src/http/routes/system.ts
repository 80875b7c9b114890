import { createPublicKey } from "node:crypto";
import { DistError } from "@distd/core";
import { instanceSchema, keyId, principalSchema } from "@distd/core/wire";
import { VERSION } from "../../version.ts";
import { iso } from "../../service/instance.ts";
import { defineRoute, type Route } from "../route.ts";

export const systemRoutes: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/healthz",
    summary: "The process answers",
    needs: "anyone",
    handle: async () => new Response("ok\n", { headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } }),
  }),
  defineRoute({
    method: "GET",
    path: "/readyz",
    summary: "Database and store answer",
    needs: "anyone",
    async handle({ instance }) {
      await instance.db.read.selectFrom("audit_head").select("size").executeTakeFirst();
      const { bytes } = await instance.blobs.free();
      if (bytes === 0) throw new DistError("server/unavailable", "the disk is full: reading works, publishing does not");
      return new Response("ready\n", { headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/instance",
    summary: "Which server this is, and the key it signs with",
    needs: "anyone",
    answer: instanceSchema,
    async handle({ instance }) {
      const publicKey = createPublicKey(instance.key);
      return {
        product: "distd",
        version: VERSION,
        origin: instance.origin,
        publicKey: publicKey.export({ type: "spki", format: "pem" }),
        keyId: keyId(publicKey),
        now: iso(instance.now()),
      };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/principal",
    summary: "Who the caller is and what the token allows",
    needs: "anyone",
    answer: principalSchema,
    handle: async ({ principal: { id, kind, scopes, apps } }) => ({ id, kind, scopes, apps }),
  }),
];
