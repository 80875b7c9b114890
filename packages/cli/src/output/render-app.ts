import { formatBytes } from "@distd/core";
import type { AppDocument } from "@distd/core/wire";
import { renderTable } from "./table.ts";

export function renderApp(app: AppDocument): string {
  return renderTable([
    ["app", app.slug],
    ["name", app.name],
    ...(["summary", "website"] as const).flatMap((one) => (app[one] === null ? [] : [[one, app[one]]])),
    ["access", app.access],
    ...(["download", "install"] as const).flatMap((use) => (app[use] === app.access ? [] : [[use, app[use]]])),
    ...(app.contact === null ? [] : [["contact", app.contact]]),
    ["quota", app.quotaBytes === null ? "none" : formatBytes(app.quotaBytes)],
    ["images", app.registry === "raw" ? "kept as they are" : "become releases"],
    ...gateRows(app),
    ["created", app.createdAt],
  ]);
}

/** Only what is set: most apps live with the usual checks. */
function gateRows({ gate }: AppDocument): string[][] {
  const { rules, checks, channels } = gate;
  const rows: string[][] = [];
  for (const [rule, values] of Object.entries(rules)) rows.push([`only ${rule}`, values?.join(", ") ?? ""]);
  for (const [check, severity] of Object.entries(checks)) rows.push([check, severity]);
  for (const [channel, severities] of Object.entries(channels)) {
    for (const [check, severity] of Object.entries(severities)) rows.push([`${check} on ${channel}`, severity]);
  }
  return rows;
}
