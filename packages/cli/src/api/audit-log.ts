import type { AuditEvent } from "@distd/core";
import type { InstanceDocument } from "@distd/core/wire";
import { allPages } from "./all-pages.ts";
import type { Api } from "./api.ts";

/** A whole audit log with the statements signed about it: enough to verify it without the server. */
export interface AuditLog {
  readonly origin: string;
  readonly publicKey: string;
  readonly checkpoints: readonly string[];
  readonly events: readonly AuditEvent[];
}

export async function fetchAuditLog(api: Api): Promise<AuditLog> {
  const { origin, publicKey } = await api.get<InstanceDocument>("/api/v1/instance");
  // Checkpoints first: events written after them are then covered by none, instead of missing from one.
  const checkpoints = await allPages<string, number>(async (after) => {
    const page = await api.get<{ checkpoints: string[] }>("/api/v1/audit/checkpoints", { after, limit: 1000 });
    return { items: page.checkpoints, next: page.checkpoints.length === 1000 ? Number(page.checkpoints.at(-1)?.split("\n")[1]) : null };
  });
  const events = await allPages<AuditEvent, number>((from) =>
    api
      .get<{ events: AuditEvent[]; next: number | null }>("/api/v1/audit/events", { from, limit: 1000 })
      .then((page) => ({ items: page.events, next: page.next })),
  );
  return { origin, publicKey, checkpoints, events };
}
