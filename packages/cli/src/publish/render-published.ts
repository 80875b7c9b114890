import { formatBytes } from "@distd/core";
import type { PublishDocument } from "@distd/core/wire";
import { formatDuration } from "../output/amounts.ts";
import type { Style } from "../output/output.ts";
import { renderTable } from "../output/table.ts";

/** What a person sees after publishing: what went where, and the address that matters. */
export function renderPublished(
  { app, release, artifacts, channel, warnings }: PublishDocument,
  page: string | undefined,
  elapsedMs: number,
  style: Style,
): string {
  const build = release.build === "" ? "" : ` (${release.build})`;
  const where = channel === null ? "published" : `published to ${channel.name}`;
  const rows = artifacts.map(({ platform, path, size, digest, verdict, url }) => [
    `  ${platform}`,
    path.split("/").at(-1) ?? path,
    size === null ? "link" : formatBytes(size),
    style.dim(digest?.slice(0, 19) ?? url),
    verdict ?? "",
  ]);
  const lines = [
    `${style.good("✓")} ${style.bold(`${app} ${release.version}${build}`)} ${where} in ${formatDuration(elapsedMs)}\n`,
    renderTable(rows),
  ];
  if (page !== undefined) lines.push(`  page  ${page}\n`);
  return lines.join("") + warnings.map((warning) => `  ${style.bad("!")} ${warning}\n`).join("");
}
