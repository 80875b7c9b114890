import { formatBytes } from "@distd/core";
import { appendFileSync } from "node:fs";
import type { PublishDocument } from "@distd/core/wire";

/** Shows the result where the CI system shows results: the step summary of GitHub Actions, a section of GitLab's job log. */
export function writeCiSummary(
  document: PublishDocument,
  page: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  log: (text: string) => void,
): void {
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs, GITLAB_CI: gitlab } = env;
  if (summary) appendFileSync(summary, renderSummary(document, page));
  if (outputs)
    appendFileSync(
      outputs,
      `release=${document.release.id}\nversion=${document.release.version}\nsequence=${document.channel?.sequence ?? ""}\npage=${page ?? ""}\n`,
    );
  if (gitlab) {
    const at = Math.floor(Date.now() / 1000);
    const section = "dist_summary";
    log(`\u001b[0Ksection_start:${at}:${section}\r\u001b[0KPublished ${document.app} ${document.release.version}`);
    log(renderSummary(document, page).trimEnd());
    log(`\u001b[0Ksection_end:${at}:${section}\r\u001b[0K`);
  }
}

export function renderSummary({ app, release, artifacts, channel, warnings }: PublishDocument, page: string | undefined): string {
  const build = release.build === "" ? "" : ` (${cell(release.build)})`;
  const state = channel === null ? "published, not promoted" : `live on **${channel.name}**, sequence ${channel.sequence}`;
  const rows = artifacts.map(
    ({ platform, arch, path, size, digest, url }) =>
      `| ${platform}/${arch} | [${cell(path)}](${url}) | ${size === null ? "link" : formatBytes(size)} | ${digest === null ? "" : `\`${digest.slice(7, 19)}\``} |`,
  );
  return [
    `### ${cell(app)} ${cell(release.version)}${build}: ${state}`,
    "",
    ...(page === undefined ? [] : [`[Install page](${page})`, ""]),
    "| target | file | size | sha256 |",
    "|---|---|---|---|",
    ...rows,
    "",
    ...warnings.map((warning) => `> ${cell(warning)}`),
    "",
  ].join("\n");
}

/** Text in a Markdown table: nothing in it may end the cell or start a tag. */
function cell(text: string): string {
  return text.replace(/[|<>`[\]\\]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
