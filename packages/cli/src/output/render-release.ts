import { formatBytes } from "@distd/core";
import type { ReleaseDocument } from "@distd/core/wire";
import { renderTable } from "./table.ts";

export function renderRelease(release: ReleaseDocument): string {
  const { app, version, build, revision, status, missing, withdrawal } = release;
  const head = [
    ["release", release.id],
    ["app", app],
    ["version", build === "" ? version : `${version} (${build})`],
    ["revision", String(revision)],
    ["status", withdrawal ? `${status}${withdrawal.reason === "" ? "" : `: ${withdrawal.reason}`}` : status],
    ...(missing.length > 0 ? [["missing", missing.join(", ")]] : []),
  ];
  const artifacts = release.artifacts.map(({ platform, arch, name, size, digest, url, verdict }) => [
    `${platform}/${arch}`,
    name,
    size === null ? "link" : formatBytes(size),
    digest?.slice(0, 19) ?? url,
    verdict ?? "",
  ]);
  return `${renderTable(head)}\n${artifacts.length === 0 ? "no artifacts yet\n" : renderTable(artifacts)}`;
}
