import type { Tx } from "../../db/database.ts";
import type { RepositoryRow } from "./repositories.ts";

/** What a repository held and holds no more, as far as it is not needed: replaced before this time and by this generation. */
export interface Replaced {
  readonly before: string;
  readonly generation: number;
}

/** Without `when` all of it: who reads the repository from now on must not see what has left it, whatever index he read before. */
export async function dropReplaced(tx: Tx, { id }: Pick<RepositoryRow, "id">, when?: Replaced): Promise<void> {
  const lists = tx.selectFrom("feed_lists").select("id").where("repository_id", "=", id);
  let files = tx.deleteFrom("generated_files").where("repository_id", "=", id).where("to_generation", "is not", null);
  let pages = tx.deleteFrom("feed_pages").where("list_id", "in", lists).where("to_generation", "is not", null);
  if (when) {
    files = files.where("ended_at", "<", when.before).where("to_generation", "<=", when.generation);
    pages = pages.where("ended_at", "<", when.before).where("to_generation", "<=", when.generation);
  }
  await files.execute();
  await pages.execute();
}
