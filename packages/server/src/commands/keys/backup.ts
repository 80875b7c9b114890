import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { DistError } from "@distd/core";
import { ADMIN } from "../../auth/authenticate.ts";
import { writeInstanceKey } from "../../keys.ts";
import { collectKeys, openBackup, restoreKeys, sealBackup } from "../../service/repositories/key-backup.ts";
import { findDataFolder, openOffline } from "../open-offline.ts";
import { type KeyFlags, readFile, readPassphrase } from "./flags.ts";

/** Writes every private key into one file, under a passphrase. */
export async function backUpKeys(flags: KeyFlags): Promise<number> {
  const [file, passphrase] = [readFile(flags), readPassphrase(flags)];
  const instance = await openOffline(flags);
  try {
    const backup = await collectKeys(instance);
    try {
      writeFileSync(file, sealBackup(backup, passphrase), { mode: 0o600, flag: "wx", flush: true });
    } catch (cause) {
      if ((cause as { code?: string }).code !== "EEXIST") throw cause;
      throw new DistError("config/invalid", `${file} is there already`, { hint: "choose another name: a backup is never written over" });
    }
    report(
      flags,
      { file, keys: backup.keys.length + 1 },
      `wrote the instance key and ${backup.keys.length} keys of repositories to ${file}\n`,
    );
    return 0;
  } finally {
    await instance.db.close();
  }
}

/** Puts back the keys that a data folder lacks. What it has stays. */
export async function restoreFromBackup(flags: KeyFlags): Promise<number> {
  const data = findDataFolder(flags);
  const backup = openBackup(readFileSync(readFile(flags), "utf8"), readPassphrase(flags));
  const key = createPrivateKey(backup.instanceKey);
  const isThere = existsSync(data.key);
  if (isThere && !createPrivateKey(readFileSync(data.key)).equals(key))
    throw new DistError("config/invalid", `${data.key} is another instance's key`, { hint: "move it away first, if it is not needed" });
  if (!isThere) writeInstanceKey(data.key, key);
  const instance = await openOffline(flags);
  try {
    const restored = await restoreKeys(instance, { principal: ADMIN }, backup);
    report(
      flags,
      { instanceKey: !isThere, keys: restored },
      `${isThere ? "the instance key was there" : "put back the instance key"}; put back ${restored} keys of repositories\n`,
    );
    return 0;
  } finally {
    await instance.db.close();
  }
}

function report(flags: KeyFlags, result: unknown, text: string): void {
  process.stdout.write(flags["json"] === true ? `${JSON.stringify(result)}\n` : text);
}
