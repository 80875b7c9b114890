import { createPublicKey } from "node:crypto";
import {
  appendLeaf,
  type AuditEvent,
  type CompactRange,
  EMPTY_TREE,
  leafHash,
  type Principal,
  rootHash,
  type Sha256,
  signCheckpoint,
  verifyCheckpoint,
} from "@distd/core";
import { authorizeInstance } from "../auth/authorize.ts";
import { openApp } from "./apps.ts";
import { type Instance, iso } from "./instance.ts";

/** A page of the log, as the texts that were hashed, in order from `from`. */
export async function listAuditEvents(
  instance: Instance,
  principal: Principal,
  page: { from: number; limit: number; app: string | undefined },
): Promise<AuditEvent[]> {
  // Who may read the log of one app need not see the others'.
  if (page.app === undefined) authorizeInstance(principal, "audit:read");
  else await openApp(instance.db.read, principal, "audit:read", page.app);
  let query = instance.db.read.selectFrom("audit_events").select("body").where("index", ">=", page.from).orderBy("index").limit(page.limit);
  if (page.app !== undefined) query = query.where("app", "=", page.app);
  return (await query.execute()).map((row) => JSON.parse(row.body) as AuditEvent);
}

/** Signs the log as it stands, unless that was done already. Returns the newest note; undefined while the log is empty. */
export async function checkpoint(instance: Instance): Promise<string | undefined> {
  return instance.db.write(async (tx) => {
    const head = await tx.selectFrom("audit_head").selectAll().where("id", "=", 1).executeTakeFirstOrThrow();
    if (head.size === 0) return undefined;
    const there = await tx.selectFrom("audit_checkpoints").select("note").where("size", "=", head.size).executeTakeFirst();
    if (there) return there.note;
    const root = rootHash({ size: head.size, peaks: JSON.parse(head.peaks) as Sha256[] });
    const note = signCheckpoint({ origin: instance.origin, size: head.size, root }, instance.key);
    await tx
      .insertInto("audit_checkpoints")
      .values({ size: head.size, note, created_at: iso(instance.now()) })
      .execute();
    return note;
  });
}

/** All signed statements about the log, oldest first. */
export async function listCheckpoints(instance: Instance, principal: Principal, page: { after: number; limit: number }): Promise<string[]> {
  authorizeInstance(principal, "audit:read");
  const rows = await instance.db.read
    .selectFrom("audit_checkpoints")
    .select("note")
    .where("size", ">", page.after)
    .orderBy("size")
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.note);
}

const PAGE = 1000;

/** What is wrong with the stored log: rows against their own text, the text against the tree, the tree against every signed checkpoint. */
export async function auditProblems(instance: Instance): Promise<string[]> {
  const db = instance.db.read;
  const publicKey = createPublicKey(instance.key);
  const notes = new Map((await db.selectFrom("audit_checkpoints").selectAll().execute()).map((row) => [row.size, row.note]));
  const problems: string[] = [];
  let tree: CompactRange = EMPTY_TREE;
  for (;;) {
    const rows = await db.selectFrom("audit_events").selectAll().where("index", ">=", tree.size).orderBy("index").limit(PAGE).execute();
    for (const row of rows) {
      const { index, at, actor, action, app, subject } = row;
      const event = JSON.parse(row.body) as AuditEvent;
      if (index !== tree.size) return [...problems, `audit event ${tree.size} is missing`];
      if (
        event.index !== index ||
        event.at !== at ||
        event.actor !== actor ||
        event.action !== action ||
        event.app !== app ||
        event.subject !== subject
      ) {
        problems.push(`audit event ${index}: its columns differ from the text that was hashed`);
      }
      tree = appendLeaf(tree, leafHash(row.body));
      const note = notes.get(tree.size);
      const signed = note === undefined ? undefined : verifyCheckpoint(note, publicKey);
      if (note !== undefined && !signed) problems.push(`audit checkpoint ${tree.size} is not signed by this instance's key`);
      if (signed && signed.root !== rootHash(tree))
        return [...problems, `audit events up to ${index} differ from the signed checkpoint ${tree.size}`];
      notes.delete(tree.size);
    }
    if (rows.length < PAGE) break;
  }
  for (const size of notes.keys()) problems.push(`audit checkpoint ${size} covers events that are missing: the log has ${tree.size}`);
  const head = await db.selectFrom("audit_head").selectAll().where("id", "=", 1).executeTakeFirst();
  if (head?.size !== tree.size || head.peaks !== JSON.stringify(tree.peaks)) problems.push("the audit tree differs from its events");
  return problems;
}
