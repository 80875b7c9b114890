import { formatBytes } from "@distd/core";
import type { FeedReportDocument } from "@distd/core/wire";
import type { Style } from "./output.ts";
import { renderTable } from "./table.ts";

/** A line for each file of each feed, with what was compared or what is wrong. */
export function renderFeeds(feeds: readonly FeedReportDocument[], style: Style): string {
  return renderTable(
    feeds.flatMap(({ feed, findings }) =>
      findings.length === 0 ? [[feed, "nothing of it"]] : findings.map((finding) => [feed, ...cellsOf(finding, style)]),
    ),
  );
}

function cellsOf({ name, version, good, problem }: FeedReportDocument["findings"][number], style: Style): readonly string[] {
  if (problem) return [name, version, style.bad("bad"), `${problem.kind}: ${problem.message}  ${style.dim(problem.url)}`];
  const note = good?.note === undefined ? "" : `  (${good.note})`;
  return [name, version, style.good("good"), `${formatBytes(good?.size ?? 0)}  ${style.dim(good?.compared.join(", ") ?? "")}${note}`];
}
