import { type Access, DistError, isWider, parseDisplayName } from "@distd/core";
import type { AppDocument, GatePolicyDocument } from "@distd/core/wire";
import { CHECKS, isReadableKey, trustOf } from "@distd/inspect/gate";
import { act } from "./act.ts";
import { type AppRow, openApp, renderApp } from "./apps.ts";
import type { Caller, Instance } from "./instance.ts";
import { moveHome } from "./repositories/membership.ts";

export interface PolicyChange {
  readonly name?: string | undefined;
  /** All three at once; `see`, `download` and `install` win. */
  readonly access?: Access | undefined;
  readonly see?: Access | undefined;
  readonly download?: Access | undefined;
  readonly install?: Access | undefined;
  readonly contact?: string | null | undefined;
  readonly summary?: string | null | undefined;
  readonly website?: string | null | undefined;
  readonly quotaBytes?: number | null | undefined;
  readonly gate?: GatePolicyDocument | undefined;
  readonly registry?: AppRow["registry"] | undefined;
}

function requireKnownChecks(gate: GatePolicyDocument | undefined): void {
  const named = [gate?.checks ?? {}, ...Object.values(gate?.channels ?? {})].flatMap((severities) => Object.keys(severities));
  const unknown = named.find((id) => !CHECKS.some((check) => check.id === id));
  if (unknown !== undefined) throw new DistError("usage/invalid", `there is no check '${unknown}'`, { hint: "see docs/gate.md" });
  const fixed = named.find((id) => CHECKS.some((check) => check.id === id && check.isFixed));
  if (fixed === undefined) return;
  throw new DistError("usage/invalid", `the severity of '${fixed}' is the same for all apps`, {
    hint: "accept it for a release: --override CHECK --reason TEXT",
  });
}

/** An id: what a verdict calls a signer. */
const KEY_ID = /^[0-9A-Fa-f]{16,64}$/;

/** A key that nothing can be verified with would refuse every release. */
function requireReadableKeys(gate: GatePolicyDocument | undefined): void {
  const unreadable = gate?.rules.keys?.find((key) => !isReadableKey(key) && !KEY_ID.test(key));
  if (unreadable === undefined) return;
  throw new DistError("usage/invalid", `'${unreadable.slice(0, 40).trim()}…' is no public key that can be read, nor the id of one`, {
    hint: "see docs/gate.md for the kinds of keys",
  });
}

function requireReadableAuthorities(gate: GatePolicyDocument | undefined): void {
  try {
    trustOf(gate?.rules ?? {});
  } catch (cause) {
    throw new DistError("usage/invalid", "one of the authorities is no certificate in PEM that can be read", {
      cause,
      hint: "see docs/gate.md",
    });
  }
}

/** Nobody fetches or installs what he may not even see. */
function requireNarrower(app: AppRow): void {
  for (const use of ["download", "install"] as const)
    if (isWider(app[use], app.access))
      throw new DistError("usage/invalid", `'${use}' is open to more people (${app[use]}) than seeing the app is (${app.access})`);
}

export async function setPolicy(instance: Instance, caller: Caller, slug: string, change: PolicyChange): Promise<AppDocument> {
  requireKnownChecks(change.gate);
  requireReadableKeys(change.gate);
  requireReadableAuthorities(change.gate);
  return act(instance, caller, async (tx) => {
    const before = await openApp(tx, caller.principal, "app:admin", slug);
    const after: AppRow = {
      ...before,
      name: change.name === undefined ? before.name : parseDisplayName(change.name),
      access: change.see ?? change.access ?? before.access,
      download: change.download ?? change.access ?? before.download,
      install: change.install ?? change.access ?? before.install,
      contact: change.contact === undefined ? before.contact : change.contact,
      summary: change.summary === undefined ? before.summary : change.summary,
      website: change.website === undefined ? before.website : change.website,
      quota_bytes: change.quotaBytes === undefined ? before.quota_bytes : change.quotaBytes,
      gate: change.gate === undefined ? before.gate : JSON.stringify(change.gate),
      registry: change.registry ?? before.registry,
    };
    requireNarrower(after);
    const result = renderApp(after);
    if (JSON.stringify(before) === JSON.stringify(after)) return { result };
    const { name, access, download, install, contact, summary, website, quota_bytes, gate, registry } = after;
    await tx
      .updateTable("apps")
      .set({ name, access, download, install, contact, summary, website, quota_bytes, gate, registry })
      .where("id", "=", before.id)
      .execute();
    await moveHome(tx, instance, before, after);
    return {
      result,
      event: {
        action: "app.policy",
        app: slug,
        subject: before.id,
        details: { name, access, download, install, summary, website, quotaBytes: quota_bytes, gate: result.gate, registry },
      },
    };
  });
}
