import type { Done } from "@distd/client";

export function renderDone({ app, channel, version, build, before, isChanged, executables, reason }: Done): string {
  const name = `${app} ${version}${build === "" ? "" : ` (${build})`}`;
  if (!isChanged) return `${name} is what is live on ${channel}\n`;
  const lines = [before === undefined ? `installed ${name}` : `${app} ${before} → ${version}${build === "" ? "" : ` (${build})`}`];
  if (reason !== undefined) lines.push(`  ${reason}`);
  for (const path of executables) lines.push(`  ${path}`);
  return `${lines.join("\n")}\n`;
}
