import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  appendLeaf,
  auditLeaf,
  type Checkpoint,
  type CompactRange,
  DistError,
  EMPTY_TREE,
  leafHash,
  rootHash,
  type Sha256,
  sha256,
  verifyCheckpoint,
} from "@distd/core";
import { type AuditLog, fetchAuditLog } from "../api/audit-log.ts";
import type { Command } from "../command.ts";
import { configFolder, writePrivateFile } from "../credentials.ts";

export const auditVerify: Command = {
  name: ["audit", "verify"],
  summary: "Check every event against the signed checkpoints, and against those seen earlier",
  positionals: [],
  options: { file: { type: "string", value: "FILE", summary: "a log saved with 'dist audit list --json', instead of a server" } },
  async run({ option, output, connect, env }) {
    const file = option("file");
    const log = file === undefined ? await fetchAuditLog(connect()) : (JSON.parse(readFileSync(file, "utf8")) as AuditLog);
    const witness = join(configFolder(env), "audit", `${sha256(log.publicKey).slice(0, 16)}.json`);
    const seen = existsSync(witness) ? (JSON.parse(readFileSync(witness, "utf8")) as Pick<Checkpoint, "size" | "root">) : undefined;
    const newest = verifyAuditLog(log, seen);
    writePrivateFile(witness, `${JSON.stringify(newest)}\n`);
    const document = { ok: true, events: log.events.length, checkpoints: log.checkpoints.length, signed: newest.size, root: newest.root };
    output.result(document, `${document.events} events match ${document.checkpoints} signed checkpoints, the newest over ${newest.size}\n`);
    return 0;
  },
};

/** Throws `audit/broken` naming the first thing that does not fit; returns the newest signed state. */
export function verifyAuditLog(log: AuditLog, seen: Pick<Checkpoint, "size" | "root"> | undefined): Pick<Checkpoint, "size" | "root"> {
  const publicKey = createPublicKey(log.publicKey);
  const expected = new Map<number, Sha256>();
  for (const note of log.checkpoints) {
    const checkpoint = verifyCheckpoint(note, publicKey);
    if (!checkpoint)
      throw new DistError(
        "audit/broken",
        `a checkpoint is not signed by the server's key: ${JSON.stringify(note.split("\n").slice(0, 2).join(" "))}`,
      );
    expected.set(checkpoint.size, checkpoint.root);
  }
  const signed = Math.max(0, ...expected.keys());
  const root = expected.get(signed) ?? rootHash(EMPTY_TREE);
  if (seen && seen.size > 0) {
    const now = expected.get(seen.size);
    if (now !== undefined && now !== seen.root)
      throw new DistError("audit/broken", `the log's first ${seen.size} events are not those that were signed when it was verified before`);
    expected.set(seen.size, seen.root);
  }
  let tree: CompactRange = EMPTY_TREE;
  for (const event of log.events) {
    if (event.index !== tree.size) throw new DistError("audit/broken", `event ${tree.size} is missing`, { details: { index: tree.size } });
    tree = appendLeaf(tree, leafHash(auditLeaf(event)));
    const want = expected.get(tree.size);
    if (want !== undefined && want !== rootHash(tree)) {
      const good = Math.max(0, ...[...expected.keys()].filter((size) => size < tree.size));
      throw new DistError("audit/broken", `an event from ${good} to ${event.index} was changed after it was signed`, {
        details: { from: good, to: event.index },
      });
    }
  }
  const most = Math.max(0, ...expected.keys());
  if (most > tree.size)
    throw new DistError("audit/broken", `${most} events were signed, but only ${tree.size} are there: the end was cut off`, {
      details: { signed: most, events: tree.size },
    });
  return { size: signed, root };
}
