import { DistError } from "@distd/core";
import { ADMIN } from "../auth/authenticate.ts";
import { collectGarbage } from "../service/store/collect-garbage.ts";
import { openOffline } from "./open-offline.ts";

/** The server collects too: wait for it rather than fail. */
const POLL_MS = 100;
const PATIENCE_MS = 60_000;

/** Removes what nothing refers to and no lease keeps; with --dry-run only says what that is. */
export async function runGc(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const instance = await openOffline(flags);
  try {
    const dryRun = flags["dry-run"] === true;
    let result = await collectGarbage(instance, { principal: ADMIN }, { dryRun });
    for (let waitedMs = 0; !result; waitedMs += POLL_MS) {
      if (waitedMs >= PATIENCE_MS)
        throw new DistError("config/data-in-use", "another collection has been under way for a minute", { hint: "try again later" });
      await Bun.sleep(POLL_MS);
      result = await collectGarbage(instance, { principal: ADMIN }, { dryRun });
    }
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
