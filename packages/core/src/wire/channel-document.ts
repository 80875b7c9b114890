import { z } from "zod";
import { PLATFORMS, ROLES, ARCHITECTURES } from "../model/words.ts";

/**
 * What updaters poll: `/a/APP/CHANNEL.json`, a DSSE envelope around this. `targets` has the form TUF gives its targets, so that TUF
 * metadata can carry the same. A client follows a lower version under a higher sequence and refuses a lower sequence.
 */
export const CHANNEL_DOCUMENT_TYPE = "application/vnd.distd.channel.v1+json";

const artifactTarget = z.strictObject({
  /** Bytes. */
  length: z.number().int().nonnegative(),
  hashes: z.strictObject({ sha256: z.string() }),
  custom: z.strictObject({
    release: z.string(),
    platform: z.enum(PLATFORMS),
    arch: z.enum(ARCHITECTURES),
    variant: z.string(),
    format: z.string(),
    role: z.enum(ROLES),
    url: z.string(),
  }),
});

export const channelDocumentSchema = z.strictObject({
  _type: z.literal("channel"),
  spec_version: z.literal("1.0"),
  app: z.string(),
  channel: z.string(),
  /** Rises with every revision of the channel, also on rollback. */
  sequence: z.number().int().positive(),
  /** ISO 8601 UTC. */
  issued: z.string(),
  /** After this the document is stale: somebody may be holding back news. */
  expires: z.string(),
  /** Which release is live for which target (`android/any`). */
  heads: z.record(z.string(), z.strictObject({ release: z.string(), version: z.string(), build: z.string(), revision: z.number().int() })),
  /** Path below `/d/` → file. */
  targets: z.record(z.string(), artifactTarget),
  links: z.array(z.strictObject({ release: z.string(), platform: z.enum(PLATFORMS), url: z.string() })),
});

export type ChannelDocument = z.infer<typeof channelDocumentSchema>;
