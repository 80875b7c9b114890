import { canonicalJson } from "../digest/canonical-json.ts";

/** What happened, written in the transaction that made it happen. The leaf of the log is its canonical JSON. */
export interface AuditEvent {
  /** Position in the log, from 0. */
  readonly index: number;
  /** ISO 8601 UTC. Order is by index; clocks may be wrong. */
  readonly at: string;
  /** Pseudonymous id of who did it. */
  readonly actor: string;
  readonly action: AuditAction;
  /** Slug of the app concerned; empty when it concerns none. */
  readonly app: string;
  /** Id of the thing changed. */
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Every kind of state change there is. */
export const AUDIT_ACTIONS = [
  "app.create",
  "app.policy",
  "upload.complete",
  "release.create",
  "release.attach",
  "release.publish",
  "release.yank",
  "release.quarantine",
  "release.expire",
  "channel.promote",
  "channel.rollback",
  "channel.reissue",
  "image.push",
  "image.delete",
  "repository.create",
  "repository.reissue",
  "key.rotate",
  "key.restore",
  "token.create",
  "token.revoke",
  "tester.invite",
  "tester.revoke",
  "blob.collect",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export function auditLeaf(event: AuditEvent): string {
  return canonicalJson(event);
}
