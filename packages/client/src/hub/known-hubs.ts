import { join } from "node:path";
import { z } from "zod";
import type { Folders } from "../host.ts";
import { readIfThere, writeWhole } from "../files.ts";

const hubSchema = z.object({
  /** Ed25519, PEM: what signs its channel documents. Kept from the first contact on. */
  publicKey: z.string(),
  /** By `APP@CHANNEL`: the newest document seen. */
  seen: z.record(z.string(), z.object({ sequence: z.number(), issued: z.string() })),
});
const knownSchema = z.object({ version: z.literal(1), hubs: z.record(z.string(), hubSchema) });

export type KnownHub = z.infer<typeof hubSchema>;

/** What is remembered of hubs, so that none of them can go back in time or become another. */
export interface KnownHubs {
  find(hub: string): KnownHub | undefined;
  keep(hub: string, known: KnownHub): void;
}

export function openKnownHubs({ root }: Folders): KnownHubs {
  const path = join(root, "hubs.json");
  const read = (): z.infer<typeof knownSchema> => {
    const text = readIfThere(path);
    return text === undefined ? { version: 1, hubs: {} } : knownSchema.parse(JSON.parse(text));
  };
  return {
    find: (hub) => read().hubs[hub],
    keep(hub, known) {
      const all = read();
      writeWhole(path, `${JSON.stringify({ ...all, hubs: { ...all.hubs, [hub]: known } }, null, 2)}\n`);
    },
  };
}
