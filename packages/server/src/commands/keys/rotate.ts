import { DistError } from "@distd/core";
import { ADMIN } from "../../auth/authenticate.ts";
import { rotateKey } from "../../service/repositories/keys.ts";
import { openOffline } from "../open-offline.ts";
import { type KeyFlags, readKeyName } from "./flags.ts";

const OVERLAP_DAYS = 90;

export async function runKeysRotate(flags: KeyFlags): Promise<number> {
  const name = readKeyName(flags);
  const text = flags["overlap-days"] ?? String(OVERLAP_DAYS);
  if (typeof text !== "string" || !/^[0-9]{1,4}$/.test(text))
    throw new DistError("usage/invalid", `--overlap-days is '${text}', not a number of days`);
  const instance = await openOffline(flags);
  try {
    const isCompromised = flags["compromised"] === true;
    const key = await rotateKey(instance, { principal: ADMIN }, { ...name, overlapDays: Number(text), isCompromised });
    process.stdout.write(
      flags["json"] === true ? `${JSON.stringify(key)}\n` : `${key.repository}  ${key.family}  signs  ${key.fingerprint}\n`,
    );
    return 0;
  } finally {
    await instance.db.close();
  }
}
