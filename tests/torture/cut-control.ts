import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Tally } from "./tally.ts";

const BYTES = Buffer.alloc(64 * 1024, "control ");

/**
 * Shows that the cut is a cut. Just before each, a file that is synced with its folder, and one that is not: when the second survives whole
 * most of the time, the rig loses nothing and proves nothing; when the first does not, it loses what no disk may lose.
 */
export interface CutControl {
  write(disk: string): void;
  judge(disk: string, tally: Tally): void;
  figures(): Record<string, string>;
  losesWrites(): boolean;
}

export function createControl(): CutControl {
  const fates = { missing: 0, short: 0, whole: 0 };
  let written = false;
  return {
    write(disk) {
      put(join(disk, "synced"), disk);
      put(join(disk, "unsynced"), undefined);
      written = true;
    },
    judge(disk, tally) {
      if (!written) return;
      written = false;
      const [synced, unsynced] = [join(disk, "synced"), join(disk, "unsynced")];
      if (!existsSync(synced) || !readFileSync(synced).equals(BYTES))
        tally.fail("the rig lost a control file that was synced with its folder");
      if (!existsSync(unsynced)) fates.missing += 1;
      else if (readFileSync(unsynced).equals(BYTES)) fates.whole += 1;
      else fates.short += 1;
      for (const path of [synced, unsynced]) rmSync(path, { force: true });
    },
    figures() {
      const { missing, short, whole } = fates;
      return { "control file without fsync, after the cut": `missing ${missing}, short or other bytes ${short}, whole ${whole}` };
    },
    losesWrites: () => fates.missing + fates.short > fates.whole,
  };
}

function put(path: string, folder: string | undefined): void {
  const file = openSync(path, "w");
  writeSync(file, BYTES);
  if (folder !== undefined) fsyncSync(file);
  closeSync(file);
  if (folder === undefined) return;
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}
