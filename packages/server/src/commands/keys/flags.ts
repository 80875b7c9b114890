import { readFileSync } from "node:fs";
import { DistError } from "@distd/core";
import { KEY_FAMILIES } from "../../service/repositories/keys.ts";
import type { KeyFamily } from "../../service/repositories/repository-keys.ts";

export type KeyFlags = Readonly<Record<string, string | boolean | undefined>>;

/** The repository and the family that a command is about. */
export function readKeyName(flags: KeyFlags): { readonly repository: string; readonly family: KeyFamily } {
  const repository = typeof flags["repository"] === "string" ? flags["repository"] : "main";
  const family = KEY_FAMILIES.find((name) => name === flags["family"]);
  if (!family) throw new DistError("usage/invalid", `name a family: --family ${KEY_FAMILIES.join(" or ")}`);
  return { repository, family };
}

/** From a file or the environment; never as an argument, which other users of the machine can see. */
export function readPassphrase(flags: KeyFlags): string {
  const file = flags["passphrase-file"];
  if (typeof file === "string") return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  const passphrase = process.env["DISTD_BACKUP_PASSPHRASE"];
  if (passphrase === undefined || passphrase === "")
    throw new DistError("config/invalid", "there is no passphrase", { hint: "set DISTD_BACKUP_PASSPHRASE, or use --passphrase-file FILE" });
  return passphrase;
}

export function readFile(flags: KeyFlags): string {
  const file = flags["file"];
  if (typeof file !== "string") throw new DistError("usage/invalid", "name the file: --file FILE");
  return file;
}
