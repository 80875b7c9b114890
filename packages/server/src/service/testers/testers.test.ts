import assert from "node:assert/strict";
import { it } from "node:test";
import type { InviteTester } from "@distd/core/wire";
import { findLink } from "../../auth/tester-link.ts";
import { rejectsWith } from "../../test-support/expect-code.ts";
import { describeOnEngines } from "../../test-support/on-engines.ts";
import { OWNER, principal } from "../../test-support/test-instance.ts";
import { createApp } from "../apps.ts";
import { invite } from "./invite.ts";
import { listTesters, revokeTester } from "./testers.ts";

const asked = (more: Partial<InviteTester>): InviteTester => ({
  channel: "beta",
  groups: [],
  expiresInSeconds: 60,
  send: false,
  language: "en",
  ...more,
});

describeOnEngines("testers", (withInstance) => {
  it(
    "are invited, found by their link until it ends, and forgotten",
    withInstance(async (instance) => {
      const { id } = await createApp(instance, OWNER, { slug: "notes", name: "Notes", access: "testers" });
      const [ana] = await invite(instance, OWNER, "notes", asked({ mail: "Ana@Example.com", groups: ["friends", "friends"] }));
      const [again] = await invite(instance, OWNER, "notes", asked({ mail: "ana@example.com" }));
      assert.equal(ana?.tester, again?.tester);
      const secretOf = (url = ""): string => url.slice(-32);
      const link = await findLink(instance.db.read, { secret: secretOf(again?.url) });
      assert.deepEqual([link?.app.id, link?.channel, link?.isRevoked], [id, "beta", false]);
      assert.equal((await findLink(instance.db.read, { secret: secretOf(ana?.url) }))?.isRevoked, true);
      const [row] = await listTesters(instance, OWNER, "notes");
      assert.deepEqual([row?.mail, row?.groups, row?.links.map(({ state }) => state)], ["ana@example.com", ["friends"], ["open"]]);
      instance.advance(60_001);
      assert.deepEqual(
        (await listTesters(instance, OWNER, "notes"))[0]?.links.map(({ state }) => state),
        ["ended"],
      );
      const gone = await revokeTester(instance, OWNER, "notes", "ANA@example.com", true);
      assert.deepEqual([gone.name, gone.mail, gone.groups], ["forgotten", null, []]);
      await rejectsWith("tester/not-found", revokeTester(instance, OWNER, "notes", "ana@example.com", true));
    }),
  );

  it(
    "are the business of who may change the app",
    withInstance(async (instance) => {
      const { id } = await createApp(instance, OWNER, { slug: "notes", name: "Notes", access: "testers" });
      for (const scopes of [["read"], ["publish"], ["promote"], ["token:admin"]]) {
        const caller = { principal: principal(scopes, [id]) };
        await rejectsWith("auth/forbidden", invite(instance, caller, "notes", asked({ name: "Ana" })));
        await rejectsWith("auth/forbidden", listTesters(instance, caller, "notes"));
      }
      await invite(instance, { principal: principal(["app:admin"], [id]) }, "notes", asked({ name: "Ana" }));
    }),
  );
});
