import { DistError } from "@distd/core";
import type { Tx } from "../../db/database.ts";
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
    const owner = await tx
      .selectFrom("package_names")
      .select("app_id")
      .where("repository_id", "=", repository.id)
      .where("ecosystem", "=", ecosystem)
      .where("name", "=", name)
      .executeTakeFirstOrThrow();
    if (owner.app_id !== app.id)
      throw new DistError("name/taken", `the ${ecosystem} name '${name}' belongs to another app in repository '${repository.name}'`, {
        details: { ecosystem, name, repository: repository.name },
      });
  }
}
