import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Access,
  ACCESS_LEVELS,
  type Action,
  ANONYMOUS,
  isAllowed,
  isOpen,
  isPublic,
  isWider,
  parseScope,
  type Principal,
  ROLES_OF_PEOPLE,
  SCOPES,
  USES,
} from "./access.ts";

const ACTIONS = Object.keys(SCOPES) as Action[];
const OPEN: readonly Access[] = ["public", "unlisted"];

const token = (scopes: readonly string[], apps: Principal["apps"] = "all"): Principal => ({ id: "tok_1", kind: "token", scopes, apps });
const app = (access: Access = "members", id = "app_1") => ({ id, access, download: access, install: access });

/** What is allowed on a members' app, on channel beta where it matters. */
const ALLOWED: readonly (readonly [scopes: string, actions: string])[] = [
  ["", ""],
  ["read", "read"],
  ["publish", "read publish"],
  ["promote", "read promote"],
  ["promote:beta", "read promote"],
  ["promote:stable", "read"],
  ["yank", "read yank"],
  ["app:create", "app:create"],
  ["app:admin", "read app:admin"],
  ["publish promote:beta", "read publish promote"],
  [ROLES_OF_PEOPLE.ci.join(" "), "read publish promote"],
  [ROLES_OF_PEOPLE.manager.join(" "), ACTIONS.filter((action) => action !== "app:create" && action !== "token:admin").join(" ")],
  [ROLES_OF_PEOPLE.admin.join(" "), ACTIONS.join(" ")],
  ["publish:beta", ""],
  ["everything *", ""],
  ["constructor __proto__", ""],
  ["READ Publish", ""],
];

describe("isAllowed", () => {
  it("follows the scopes", () => {
    for (const [scopes, actions] of ALLOWED) {
      const principal = token(scopes.split(" ").filter(Boolean), ["app_1"]);
      const found = ACTIONS.filter((action) => isAllowed(principal, action, { app: app(), channel: "beta" }));
      assert.deepEqual(found, actions.split(" ").filter(Boolean), scopes);
    }
  });

  it("lets nobody in without a token but to read what is public or unlisted", () => {
    const forged: Principal = { ...ANONYMOUS, scopes: ACTIONS, apps: "all" };
    for (const principal of [ANONYMOUS, forged]) {
      for (const action of ACTIONS) {
        assert.equal(isAllowed(principal, action), false, action);
        for (const access of ACCESS_LEVELS) {
          const expected = action === "read" && OPEN.includes(access);
          assert.equal(isAllowed(principal, action, { app: app(access), channel: "beta" }), expected, `${action} ${access}`);
        }
      }
    }
  });

  it("lets every token read what is public or unlisted", () => {
    for (const access of ACCESS_LEVELS) {
      assert.equal(isAllowed(token(["publish"], ["app_2"]), "read", { app: app(access) }), OPEN.includes(access), access);
    }
  });

  it("binds promote:CHANNEL to its channel", () => {
    const bound = token(["promote:beta"]);
    assert.equal(isAllowed(bound, "promote", { app: app(), channel: "beta" }), true);
    for (const channel of ["stable", "bet", "beta2", "", undefined]) {
      assert.equal(isAllowed(bound, "promote", { app: app(), ...(channel === undefined ? {} : { channel }) }), false, channel);
    }
  });

  it("lets no token reach an app that is not on its list", () => {
    const scopes = fc.array(fc.constantFrom(...ACTIONS, "promote:beta"), { minLength: 1 });
    const apps = fc.array(fc.constantFrom("app_2", "app_10", "app_", "app_1 ", "all", ""));
    fc.assert(
      fc.property(scopes, apps, fc.constantFrom(...ACTIONS), fc.constantFrom(...ACCESS_LEVELS), (list, bound, action, access) => {
        const expected = action === "read" && OPEN.includes(access);
        assert.equal(isAllowed(token(list, bound), action, { app: app(access), channel: "beta" }), expected);
      }),
    );
  });

  it("does not open the log of all apps to a token that is bound to some", () => {
    assert.equal(isAllowed(token(["audit:read"], ["app_1"]), "audit:read"), false);
    assert.equal(isAllowed(token(["audit:read"], []), "audit:read"), false);
    assert.equal(isAllowed(token(["audit:read"]), "audit:read"), true);
    assert.equal(isAllowed(token(["audit:read"], ["app_1"]), "audit:read", { app: app() }), true);
  });

  it("asks for the scope where no app is concerned", () => {
    for (const action of ["app:create", "token:admin", "audit:read"] as const) {
      assert.equal(isAllowed(token([action]), action), true, action);
      assert.equal(isAllowed(token(ACTIONS.filter((other) => other !== action)), action), false, action);
    }
  });
});

describe("who was invited", () => {
  const tester: Principal = { id: "lnk_1", kind: "tester", scopes: [], apps: ["app_1"], channel: "beta" };

  it("reads, downloads and installs what is for testers, on the channel of the invitation", () => {
    for (const use of USES) {
      assert.equal(isAllowed(tester, use, { app: app("testers") }), true, use);
      assert.equal(isAllowed(tester, use, { app: app("testers"), offeredOn: ["stable", "beta"] }), true, use);
      for (const offeredOn of [[], ["stable"], ["bet"], ["beta2"]])
        assert.equal(isAllowed(tester, use, { app: app("testers"), offeredOn }), false, use);
      assert.equal(isAllowed(tester, use, { app: app("testers", "app_2") }), false, use);
      assert.equal(isAllowed({ ...tester, apps: [] }, use, { app: app("testers") }), false, use);
      for (const access of ["members", "token"] as const) assert.equal(isAllowed(tester, use, { app: app(access) }), false, access);
      for (const access of OPEN) assert.equal(isAllowed(tester, use, { app: app(access, "app_2"), offeredOn: ["stable"] }), true, access);
    }
  });

  it("does nothing else, whatever scopes somebody gave", () => {
    for (const action of ACTIONS.filter((one) => one !== "read"))
      for (const scopes of [[], ACTIONS])
        assert.equal(isAllowed({ ...tester, scopes }, action, { app: app("testers"), channel: "beta" }), false, action);
    assert.equal(isAllowed(tester, "read"), false);
  });
});

describe("see, download, install", () => {
  it("each have a level of their own", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ACCESS_LEVELS),
        fc.constantFrom(...ACCESS_LEVELS),
        fc.constantFrom(...ACCESS_LEVELS),
        (access, download, install) => {
          const one = { id: "app_1", access, download, install };
          assert.deepEqual(
            USES.map((use) => isAllowed(ANONYMOUS, use, { app: one })),
            [access, download, install].map(isOpen),
          );
          // A token that reaches the app reaches all of it.
          assert.ok(USES.every((use) => isAllowed(token(["publish"]), use, { app: one })));
          assert.equal(isPublic(one), access === "public" && download === "public");
        },
      ),
    );
  });

  it("are wider or narrower than each other", () => {
    assert.ok(
      isWider("public", "unlisted") && isWider("unlisted", "testers") && isWider("testers", "members") && isWider("testers", "token"),
    );
    for (const level of ACCESS_LEVELS) assert.equal(isWider(level, level), false);
    assert.ok(!isWider("members", "token") && !isWider("token", "members") && !isWider("members", "testers"));
  });
});

describe("parseScope", () => {
  it("knows every action, and promote with a channel", () => {
    for (const action of ACTIONS) assert.deepEqual(parseScope(action), { action });
    for (const channel of ["b", "beta-2", "x".repeat(32)])
      assert.deepEqual(parseScope(`promote:${channel}`), { action: "promote", channel });
  });

  it("knows nothing else", () => {
    for (const text of [
      "",
      "write",
      "promote:",
      "promote:Beta",
      "promote:beta:x",
      `promote:${"x".repeat(33)}`,
      "promote:-",
      "publish:beta",
      ":beta",
      "constructor",
      "__proto__",
      " read",
    ]) {
      assert.equal(parseScope(text), undefined, text);
    }
  });
});

describe("roles of people", () => {
  it("give the administrator every right, and nobody a right there is not", () => {
    assert.deepEqual(ROLES_OF_PEOPLE.admin.toSorted(), ACTIONS.toSorted());
    for (const scopes of Object.values(ROLES_OF_PEOPLE)) for (const scope of scopes) assert.ok(parseScope(scope), scope);
  });
});
