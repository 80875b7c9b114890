import { DistError } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import type { RepositoryRow } from "./repositories.ts";

/** Takes names for an app. A name belongs to the first who published under it, for good. */
export async function claimNames(
  tx: Tx,
  repository: RepositoryRow,
  ecosystem: string,
  app: AppRow,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const row = { repository_id: repository.id, ecosystem, name, app_id: app.id };
    await tx
      .insertInto("package_names")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const owner = await findOwner(tx, repository, ecosystem, name);
    if (owner?.id !== app.id)
      throw new DistError("name/taken", `the ${ecosystem} name '${name}' belongs to another app in repository '${repository.name}'`, {
        details: { ecosystem, name, repository: repository.name },
      });
  }
}

/** The app that has the name. */
export async function findOwner(
  db: Read | Tx,
  repository: RepositoryRow,
  ecosystem: string,
  name: string,
): Promise<Pick<AppRow, "id" | "slug"> | undefined> {
  return db
    .selectFrom("package_names")
    .innerJoin("apps", "apps.id", "package_names.app_id")
    .select(["apps.id", "apps.slug"])
    .where("package_names.repository_id", "=", repository.id)
    .where("package_names.ecosystem", "=", ecosystem)
    .where("package_names.name", "=", name)
    .executeTakeFirst();
}
