import { ADMIN } from "../auth/authenticate.ts";
import { collectGarbage } from "../service/store/collect-garbage.ts";
import { openOffline } from "./open-offline.ts";

/** Removes what nothing refers to and no lease keeps; with --dry-run only says what that is. */
export async function runGc(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const instance = await openOffline(flags);
  try {
    const dryRun = flags["dry-run"] === true;
    const result = await collectGarbage(instance, { principal: ADMIN }, { dryRun });
    process.stdout.write(
      flags["json"] === true
        ? `${JSON.stringify(result)}\n`
        : `${dryRun ? "would remove" : "removed"} ${result.blobs} blobs, ${result.bytes} bytes\n`,
    );
    return 0;
  } finally {
    await instance.db.close();
  }
}
