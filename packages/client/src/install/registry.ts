// What is installed, and where it came from. Which version is used is said by the link `current` alone: it changes in one step.
import { renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writeWhole } from "../files.ts";
import type { Folders } from "../host.ts";

const versionSchema = z.object({
  /** Name of its folder below `versions/`. */
  folder: z.string(),
  version: z.string(),
  build: z.string(),
  release: z.string(),
  sequence: z.number(),
  format: z.string(),
  digest: z.string(),
  bytes: z.number(),
  url: z.string(),
  installedAt: z.string(),
});
const appSchema = z.object({
  hub: z.string(),
  channel: z.string(),
  /** Oldest first. */
  versions: z.array(versionSchema),
  /** Folder of the version that was used before. */
  previous: z.string().nullable(),
  /** Names in the bin folder that are this app's. */
  links: z.array(z.string()),
});
const registrySchema = z.object({ version: z.literal(1), apps: z.record(z.string(), appSchema) });

export type InstalledVersion = z.infer<typeof versionSchema>;
export type InstalledApp = z.infer<typeof appSchema>;

export interface Registry {
  apps(): Readonly<Record<string, InstalledApp>>;
  put(app: string, installed: InstalledApp): void;
  remove(app: string): void;
}

/** A damaged registry is set aside: what lies in the folders is still there, and is installed again when somebody asks. */
export function openRegistry({ root }: Folders, now: () => Date = () => new Date()): Registry {
  const path = join(root, "registry.json");
  const read = (): z.infer<typeof registrySchema> => {
    const text = readIfThere(path);
    if (text === undefined) return { version: 1, apps: {} };
    try {
      return registrySchema.parse(JSON.parse(text));
    } catch {
      renameSync(path, `${path}.damaged-${now().toISOString().replace(/[:.]/g, "-")}`);
      return { version: 1, apps: {} };
    }
  };
  const write = (apps: Readonly<Record<string, InstalledApp>>): void =>
    writeWhole(path, `${JSON.stringify({ version: 1, apps }, null, 2)}\n`);
  return {
    apps: () => read().apps,
    put: (app, installed) => write({ ...read().apps, [app]: installed }),
    remove(app) {
      const { [app]: _gone, ...others } = read().apps;
      write(others);
    },
  };
}
