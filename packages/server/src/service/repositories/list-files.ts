import { DistError, type Principal, type Sha256 } from "@distd/core";
import type { RepositoryFile } from "@distd/core/wire";
import type { Instance } from "../instance.ts";
import type { FileContent } from "./generated-files.ts";
import { mayRead } from "./membership.ts";
import { findRepository } from "./repositories.ts";

export interface FilesPage {
  readonly generation: number;
  readonly files: readonly RepositoryFile[];
  readonly next: number | null;
}

/** What a generation holds, and what never changes under its name and was held lately: whoever read an older index finds what that one names. */
export async function listFiles(
  instance: Instance,
  principal: Principal,
  name: string,
  page: { readonly generation?: number | undefined; readonly after: number; readonly limit: number },
): Promise<FilesPage> {
  const db = instance.db.read;
  const repository = await findRepository(db, name);
  if (!repository || !(await mayRead(db, principal, repository))) {
    if (principal.kind === "anonymous") throw new DistError("auth/required", `repository '${name}' is not open to everyone`);
    throw new DistError("repository/not-found", `there is no repository '${name}', or this token does not reach it`);
  }
  const generation = page.generation ?? repository.generation;
  if (generation > repository.generation)
    throw new DistError("feed/not-found", `repository '${name}' stands at generation ${repository.generation}`);
  const rows = await db
    .selectFrom("generated_files")
    .leftJoin("releases", "releases.id", "generated_files.release_id")
    .select(["generated_files.id", "feed", "path", "cache", "content", "releases.status"])
    .where("repository_id", "=", repository.id)
    .where("generated_files.id", ">", page.after)
    .where("from_generation", "<=", generation)
    .where((where) =>
      where.or([where("to_generation", "is", null), where("to_generation", ">", generation), where("cache", "=", "immutable")]),
    )
    .orderBy("generated_files.id")
    .limit(page.limit)
    .execute();
  const files: RepositoryFile[] = [];
  for (const { id, feed, path, cache, content, status } of rows) {
    if (status === "quarantined") continue;
    const parsed = JSON.parse(content) as FileContent;
    files.push({ id, feed, path, type: parsed.type, cache, ...(await bytesOf(instance, parsed)) });
  }
  return { generation, files, next: rows.length === page.limit ? (rows.at(-1)?.id ?? null) : null };
}

async function bytesOf({ db }: Instance, content: FileContent): Promise<{ readonly sha256?: Sha256; readonly size?: number }> {
  if (content.kind === "parts") return {};
  if (content.kind === "blob") return { sha256: content.blob, size: content.size };
  if (content.part) return { sha256: content.part.sha256, size: content.part.size };
  const row = await db.read.selectFrom("artifacts").select(["sha256", "size"]).where("id", "=", content.artifact).executeTakeFirst();
  return row?.sha256 && row.size !== null ? { sha256: row.sha256, size: row.size } : {};
}
