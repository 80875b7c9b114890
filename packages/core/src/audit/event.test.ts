import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AUDIT_ACTIONS, type AuditEvent, auditLeaf } from "./event.ts";

const event: AuditEvent = {
  index: 7,
  at: "2026-11-20T10:00:00.000Z",
  actor: "tok_1",
  action: "channel.promote",
  app: "notes",
  subject: "beta",
  details: { sequence: 3, release: "rel_1" },
};

describe("audit events", () => {
  it("are hashed as canonical JSON, whatever the order of their fields", () => {
    const expected =
      '{"action":"channel.promote","actor":"tok_1","app":"notes","at":"2026-11-20T10:00:00.000Z","details":{"release":"rel_1","sequence":3},"index":7,"subject":"beta"}';
    assert.equal(auditLeaf(event), expected);
    assert.equal(auditLeaf(Object.fromEntries(Object.entries(event).toReversed()) as unknown as AuditEvent), expected);
  });

  it("name their action as area.verb, each once", () => {
    for (const action of AUDIT_ACTIONS) assert.match(action, /^[a-z]+\.[a-z]+$/);
    assert.equal(new Set(AUDIT_ACTIONS).size, AUDIT_ACTIONS.length);
  });
});
