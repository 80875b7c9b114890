import { FEEDS } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { openFragments } from "./fragments.ts";
import { openHome } from "./repositories.ts";
import { openSigner } from "./repository-keys.ts";

/** What feeds make of a release that is just being published, and the names it takes with it: refused when one is somebody else's. */
export async function introduceRelease(tx: Tx, instance: Instance, app: AppRow, release: string): Promise<void> {
  const made = await tx
    .selectFrom("repositories")
    .innerJoin("repository_members", "repository_members.repository_id", "repositories.id")
    .selectAll("repositories")
    .where("app_id", "=", app.id)
    .distinct()
    .execute();
  for (const repository of [await openHome(tx, instance, app), ...made]) {
    const fragments = openFragments(tx, instance, repository, openSigner(tx, instance, repository, new Date(instance.now())));
    for (const feed of FEEDS) await fragments.of(feed, app, release);
  }
}
