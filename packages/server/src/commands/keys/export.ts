import { armoredPublicKeys, armoredSecretKey } from "@distd/feeds";
import { createPublicKey } from "node:crypto";
import { findKey } from "../../service/repositories/keys.ts";
import { openPgpKey, unseal } from "../../service/repositories/repository-keys.ts";
import { openOffline } from "../open-offline.ts";
import { type KeyFlags, readKeyName } from "./flags.ts";

/** Prints a family's own key: the public one, or with --secret the private one, as other programs read it. */
export async function exportKey(flags: KeyFlags): Promise<number> {
  const { repository: name, family } = readKeyName(flags);
  const instance = await openOffline(flags);
  try {
    const { repository, row } = await findKey(instance, name, family);
    const isSecret = flags["secret"] === true;
    if (family === "openpgp") {
      const key = openPgpKey(instance, repository, row);
      process.stdout.write(isSecret ? armoredSecretKey(key) : armoredPublicKeys([key]));
    } else {
      const key = unseal(instance, row);
      process.stdout.write(
        isSecret
          ? key.export({ type: "pkcs8", format: "pem" }).toString()
          : createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
      );
    }
    return 0;
  } finally {
    await instance.db.close();
  }
}
