import type { AppDocument } from "@distd/core/wire";
import { formatBytes } from "./amounts.ts";
import { renderTable } from "./table.ts";

export function renderApp(app: AppDocument): string {
  return renderTable([
    ["app", app.slug],
    ["name", app.name],
    ["access", app.access],
    ["quota", app.quotaBytes === null ? "none" : formatBytes(app.quotaBytes)],
    ["created", app.createdAt],
  ]);
}
