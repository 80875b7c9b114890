import assert from "node:assert/strict";
import { it } from "node:test";
import { ANONYMOUS } from "@distd/core";
import { createToken, revokeToken } from "../service/tokens.ts";
import { rejectsWith } from "../test-support/expect-code.ts";
import { describeOnEngines } from "../test-support/on-engines.ts";
import { makeApp, OWNER, principal, type TestInstance } from "../test-support/test-instance.ts";
import { ADMIN, createAuthenticator } from "./authenticate.ts";

const ADMIN_TOKEN = "a-token-of-the-administrator-that-is-long-enough";
const bearer = (token: string): string => `Bearer ${token}`;

describeOnEngines("authentication", (withInstance) => {
  const withToken = (body: (instance: TestInstance, secret: string, id: string) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance);
      const { secret, id } = await createToken(instance, OWNER, {
        name: "ci",
        apps: ["notes"],
        scopes: ["publish", "promote:beta"],
        expiresInSeconds: 3600,
      });
      await body(instance, secret, id);
    });
  const authenticator = (instance: TestInstance) => createAuthenticator(instance.db.read, { adminToken: ADMIN_TOKEN, now: instance.now });

  it(
    "knows the administrator, tokens, and nobody",
    withToken(async (instance, secret, id) => {
      const auth = authenticator(instance);
      assert.equal(await auth.authenticate(null), ANONYMOUS);
      assert.equal(await auth.authenticate(bearer(ADMIN_TOKEN)), ADMIN);
      const known = await auth.authenticate(bearer(secret));
      assert.deepEqual([known.id, known.kind, known.scopes], [id, "token", ["publish", "promote:beta"]]);
      assert.deepEqual([...auth.takeLastUses().keys()], [id]);
      assert.equal(auth.takeLastUses().size, 0);
    }),
  );

  it(
    "refuses what is malformed, unknown, expired or revoked",
    withToken(async (instance, secret, id) => {
      const auth = authenticator(instance);
      const last = secret.at(-1) === "0" ? "1" : "0";
      for (const header of [
        "Basic abc",
        "Bearer",
        "Bearer a b",
        bearer(`${secret}x`),
        bearer(secret.slice(0, -1) + last),
        bearer(`${ADMIN_TOKEN}x`),
      ]) {
        await rejectsWith("auth/invalid", auth.authenticate(header));
      }
      await auth.authenticate(bearer(secret));
      instance.advance(3_600_001);
      await rejectsWith("auth/invalid", auth.authenticate(bearer(secret)));
      await revokeToken(instance, OWNER, id);
      auth.forget();
      await rejectsWith("auth/invalid", auth.authenticate(bearer(secret)));
    }),
  );

  it(
    "asks the database for no token whose checksum is wrong",
    withToken(async (instance) => {
      let looked = 0;
      const counting = new Proxy(instance.db.read, {
        get(target, name, receiver) {
          if (name === "selectFrom") looked += 1;
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
      const auth = createAuthenticator(counting, { adminToken: ADMIN_TOKEN, now: instance.now });
      for (let index = 0; index < 2000; index++) {
        const guess = `dist_ci_${Array.from(crypto.getRandomValues(new Uint8Array(36)), (byte) => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[byte % 62]).join("")}`;
        await rejectsWith("auth/invalid", auth.authenticate(bearer(guess)));
      }
      assert.equal(looked, 0);
    }),
  );

  it(
    "stores a token only as its hash",
    withToken(async (instance, secret) => {
      const rows = JSON.stringify(await instance.db.read.selectFrom("tokens").selectAll().execute());
      assert.equal(rows.includes(secret), false);
      assert.equal(rows.includes(secret.slice(8, 38)), false);
    }),
  );

  it(
    "lets nobody hand out more than they have",
    withToken(async (instance) => {
      const app = (await instance.db.read.selectFrom("apps").select("id").executeTakeFirstOrThrow()).id;
      const bound = { principal: principal(["token:admin", "publish", "promote:beta"], [app]) };
      const wanted = { name: "x", expiresInSeconds: 60 };
      await createToken(instance, bound, { ...wanted, apps: ["notes"], scopes: ["publish", "promote:beta"] });
      await rejectsWith("auth/forbidden", createToken(instance, bound, { ...wanted, apps: ["notes"], scopes: ["yank"] }));
      await rejectsWith("auth/forbidden", createToken(instance, bound, { ...wanted, apps: ["notes"], scopes: ["promote"] }));
      await rejectsWith("auth/forbidden", createToken(instance, bound, { ...wanted, apps: [], scopes: ["publish"] }));
      await makeApp(instance, "other");
      await rejectsWith("app/not-found", createToken(instance, bound, { ...wanted, apps: ["other"], scopes: ["publish"] }));
      await rejectsWith("usage/invalid", createToken(instance, OWNER, { ...wanted, apps: [], scopes: ["everything"] }));
    }),
  );
});
