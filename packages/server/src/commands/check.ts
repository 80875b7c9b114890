import { checkStore, requireSound } from "../service/store/check-store.ts";
import { openOffline } from "./open-offline.ts";

/** Exit 0 when rows, files, channels and the log agree, 20 with what is wrong. */
export async function runCheck(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const instance = await openOffline(flags);
  try {
    const result = await checkStore(instance, { readData: flags["read-data"] === true });
    if (flags["json"] === true && result.problems.length === 0) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (flags["json"] !== true) {
      for (const problem of result.problems) process.stdout.write(`${problem}\n`);
      process.stdout.write(
        `${result.blobs} blobs, ${result.bytes} bytes, ${result.problems.length} problems, ${result.strays.length} files without a row\n`,
      );
    }
    requireSound(result);
    return 0;
  } finally {
    await instance.db.close();
  }
}
