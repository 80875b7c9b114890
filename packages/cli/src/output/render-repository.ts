import type { RepositoryDocument } from "@distd/core/wire";
import { renderTable } from "./table.ts";

export function renderRepositories(repositories: readonly RepositoryDocument[]): string {
  const rows = repositories.map(({ name, kind, generation, members }) => [
    name,
    kind === "made" ? members.join(", ") : name === "main" ? "every public app" : name,
    `generation ${generation}`,
  ]);
  return repositories.length === 0 ? "no repositories yet\n" : renderTable(rows);
}
