import { DistError } from "@distd/core";
import { backUpKeys, restoreFromBackup } from "./backup.ts";
import { exportKey } from "./export.ts";
import type { KeyFlags } from "./flags.ts";
import { runKeysList } from "./list.ts";
import { runKeysRotate } from "./rotate.ts";

/** What can be done with the keys that repositories sign with, beside a running server or without one. */
const ACTIONS: Readonly<Record<string, (flags: KeyFlags) => Promise<number>>> = {
  list: runKeysList,
  rotate: runKeysRotate,
  export: exportKey,
  backup: backUpKeys,
  restore: restoreFromBackup,
};

export async function runKeys(action: string, flags: KeyFlags): Promise<number> {
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!run) throw new DistError("usage/invalid", `'distd keys' does ${Object.keys(ACTIONS).join(", ")}`, { hint: "see 'distd help'" });
  return run(flags);
}
