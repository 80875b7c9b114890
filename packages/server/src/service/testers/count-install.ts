import type { Instance } from "../instance.ts";
import { iso } from "../instance.ts";

/** A tester has fetched the last byte of a file. However often: it counts once. Delivery goes on whether this can be written or not. */
export async function countInstall(
  instance: Instance,
  install: { readonly tester: string; readonly app: string; readonly artifact: string },
): Promise<void> {
  const { tester, app, artifact } = install;
  const there = await instance.db.read
    .selectFrom("installs")
    .select("at")
    .where("tester_id", "=", tester)
    .where("artifact_id", "=", artifact)
    .executeTakeFirst();
  if (there) return;
  try {
    await instance.db.write((tx) =>
      tx
        .insertInto("installs")
        .values({ tester_id: tester, artifact_id: artifact, app_id: app, at: iso(instance.now()) })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  } catch (thrown) {
    instance.log("warn", "an install was not counted", { error: (thrown as Error).message });
  }
}
