import type { ArtifactFacts } from "@distd/core";
import { trustOf } from "@distd/inspect/gate";
import type { Trust } from "@distd/inspect/verify";
import { type AppRow, gateOf } from "../apps.ts";
import type { Instance } from "../instance.ts";
import type { ArtifactRow } from "./releases.ts";

const MAX_BESIDE = 32;
/** Loaded with the first release that needs it: most have neither keys nor signatures beside their files. */
const loadVerify = () => import("@distd/inspect/verify");

/**
 * Facts of artifacts about which more than their own bytes speaks: keys that the app names, and signatures that the release holds beside them.
 * By the artifact's id, as JSON; those about which nothing new was found are absent. May read every byte: never inside a transaction.
 */
export async function verifyTogether(instance: Instance, app: AppRow, rows: readonly ArtifactRow[]): Promise<ReadonlyMap<string, string>> {
  const trust = trustOf(gateOf(app).rules);
  const signatures = rows.filter(({ role, sha256 }) => role === "signature" && sha256 !== null);
  if (trust === undefined && signatures.length === 0) return new Map();
  const { isBeside, VERIFIERS } = await loadVerify();
  const found = new Map<string, string>();
  for (const row of rows) {
    const isSigned = VERIFIERS.some(({ formats }) => formats.includes(row.format));
    const beside = signatures.filter(({ name }) => isBeside(row.name, name)).slice(0, MAX_BESIDE);
    if (row.role === "signature" || row.facts === null || !isSigned || (trust === undefined && beside.length === 0)) continue;
    const facts = JSON.stringify(await verifyRow(instance, row, beside, trust));
    if (facts !== row.facts) found.set(row.id, facts);
  }
  return found;
}

async function verifyRow(
  instance: Instance,
  row: ArtifactRow,
  beside: readonly ArtifactRow[],
  trust: Trust | undefined,
): Promise<ArtifactFacts> {
  const opened: { readonly name: string; readonly source: Awaited<ReturnType<Instance["blobs"]["source"]>> }[] = [];
  try {
    for (const { name, sha256 } of [row, ...beside]) {
      if (sha256 !== null) opened.push({ name, source: await instance.blobs.source(sha256) });
    }
    const facts = JSON.parse(row.facts ?? "{}") as ArtifactFacts;
    const [artifact, ...files] = opened;
    const { NO_TRUST, withVerdict } = await loadVerify();
    return artifact
      ? withVerdict(facts, await instance.verify({ artifact, format: row.format, beside: files, trust: trust ?? NO_TRUST }))
      : facts;
  } finally {
    for (const { source } of opened) await source.close();
  }
}
