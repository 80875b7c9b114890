import type { AuditEvent } from "@distd/core";
import { fetchAuditLog } from "../api/audit-log.ts";
import type { Command } from "../command.ts";
import { renderTable } from "../output/table.ts";

export const auditList: Command = {
  name: ["audit", "list"],
  summary: "The audit log; with --json everything 'audit verify --file' needs",
  positionals: [],
  options: { app: { type: "string", value: "SLUG", summary: "only events of this app (cannot be verified alone)" } },
  async run({ option, output, connect }) {
    const log = await fetchAuditLog(connect());
    const app = option("app");
    const events = app === undefined ? log.events : log.events.filter((event) => event.app === app);
    output.result(
      { ...log, events },
      renderTable(events.map((event) => [String(event.index), event.at, event.actor, event.action, event.app, describe(event)])),
    );
    return 0;
  },
};

function describe({ subject, details }: AuditEvent): string {
  const { version, channel, name } = details as { version?: string; channel?: string; name?: string };
  return [channel, version, name, subject].filter((part) => part !== undefined).join(" ");
}
