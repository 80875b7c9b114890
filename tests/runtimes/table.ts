/** By title of a case, in words. */
export type Outcomes = Readonly<Record<string, string>>;

/** Backends × cases in Markdown. A case that did not run is `not run`. */
export function renderTable(titles: readonly string[], outcomes: Readonly<Record<string, Outcomes>>): string {
  const backends = Object.keys(outcomes).toSorted();
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const rows = titles.map((title) => row([title, ...backends.map((name) => outcomes[name]?.[title] ?? "not run")]));
  return [row(["case", ...backends]), `${"|---".repeat(backends.length + 1)}|\n`, ...rows].join("");
}

/** The table of a page, as it was rendered. */
export function readTable(page: string): Record<string, Outcomes> {
  const rows = page
    .slice(page.indexOf("| case |"))
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const [[, ...backends] = [], ...cases] = rows;
  return Object.fromEntries(
    backends.map((name, column) => [name, Object.fromEntries(cases.map(([title = "", ...cells]) => [title, cells[column] ?? ""]))]),
  );
}
