import { z } from "zod";
import { ACCESS_LEVELS } from "../model/access.ts";
import { RELEASE_STATUSES } from "../model/release.ts";
import {
  buildSchema,
  channelNameSchema,
  displayNameSchema,
  INSTALL_MODES,
  linkSchema,
  notesSchema,
  slugSchema,
  variantSchema,
  versionSchema,
} from "../manifest/schema.ts";
import { ARCHITECTURES, PLATFORMS, ROLES } from "../model/words.ts";

/** Bodies of requests and answers of `/api/v1`: they validate, type the command line, and make the OpenAPI description. */

const instant = z.string().meta({ format: "date-time" });
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const severity = z.enum(["error", "warning", "off"]);
const severities = z.record(z.string().regex(/^gate\/[a-z-]+$/), severity);

/** What the release gate holds an app's releases to. */
export const gatePolicySchema = z.strictObject({
  /** What every artifact must be; absent means anything. */
  rules: z
    .strictObject({
      identifiers: z.array(z.string().min(1)).optional(),
      signers: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
      subjects: z.array(z.string().min(1)).optional(),
      teams: z.array(z.string().regex(/^[0-9A-Z]{10}$/)).optional(),
      keys: z.array(z.string().min(8)).optional(),
      authorities: z.array(z.string().startsWith("-----BEGIN CERTIFICATE-----")).optional(),
      revoked: z.array(z.string().regex(/^[0-9a-f]{64}$/)).optional(),
      platforms: z.array(z.enum(PLATFORMS)).optional(),
    })
    .default({}),
  /** Severity of checks, where it is not the usual one. */
  checks: severities.default({}),
  /** The same for single channels, which win. */
  channels: z.record(z.string(), severities).default({}),
});
export type GatePolicyDocument = z.infer<typeof gatePolicySchema>;

/** Something a check of the release gate found. */
export const gateResultSchema = z.object({
  check: z.string(),
  severity: z.enum(["error", "warning"]),
  artifact: z.string(),
  message: z.string(),
  live: z.string().optional(),
  offered: z.string().optional(),
  fix: z.string(),
  override: z.object({ by: z.string(), reason: z.string() }).nullable(),
});
export type GateResultDocument = z.infer<typeof gateResultSchema>;

export const appSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  /** Who sees it. */
  access: z.enum(ACCESS_LEVELS),
  /** Who fetches its files. */
  download: z.enum(ACCESS_LEVELS),
  /** Who installs it on a device. */
  install: z.enum(ACCESS_LEVELS),
  /** Whom to ask for access. */
  contact: z.string().nullable(),
  /** What it is, in a sentence. */
  summary: z.string().nullable(),
  website: z.string().nullable(),
  /** Bytes the app's releases may take; null for no limit. */
  quotaBytes: z.number().int().nonnegative().nullable(),
  gate: gatePolicySchema,
  /** `releases`: images pushed to the app become releases. `raw`: they are kept as they are, with any tags. */
  registry: z.enum(["releases", "raw"]),
  createdAt: instant,
});
export type AppDocument = z.infer<typeof appSchema>;

export const createAppSchema = z.strictObject({
  slug: slugSchema,
  name: displayNameSchema,
  access: z.enum(ACCESS_LEVELS).default("members"),
});
export const appPolicySchema = z.strictObject({
  name: displayNameSchema.optional(),
  /** All three at once; the others win. */
  access: z.enum(ACCESS_LEVELS).optional(),
  see: z.enum(ACCESS_LEVELS).optional(),
  download: z.enum(ACCESS_LEVELS).optional(),
  install: z.enum(ACCESS_LEVELS).optional(),
  contact: displayNameSchema.nullable().optional(),
  summary: displayNameSchema.nullable().optional(),
  website: linkSchema.max(200).nullable().optional(),
  quotaBytes: z.number().int().nonnegative().nullable().optional(),
  gate: gatePolicySchema.optional(),
  registry: z.enum(["releases", "raw"]).optional(),
});

export const releaseSummarySchema = z.object({
  id: z.string(),
  version: z.string(),
  build: z.string(),
  /** 0 for a draft; from 1 when published. */
  revision: z.number().int(),
  status: z.enum(RELEASE_STATUSES),
});

export const artifactSchema = z.object({
  id: z.string(),
  /** File name. */
  name: z.string(),
  platform: z.enum(PLATFORMS),
  arch: z.enum(ARCHITECTURES),
  format: z.string(),
  variant: z.string(),
  role: z.enum(ROLES),
  digest: digest.nullable(),
  /** Bytes; null for a link. */
  size: z.number().int().nonnegative().nullable(),
  url: z.string(),
  install: z.object({ mode: z.enum(INSTALL_MODES) }).nullable(),
  facts: z.record(z.string(), z.unknown()).nullable(),
  /** Who signed it and whether that holds, in the words of pages and the command line; null where nobody expects a signature. */
  verdict: z.string().nullable(),
});
export type ArtifactDocument = z.infer<typeof artifactSchema>;

export const releaseSchema = releaseSummarySchema.extend({
  app: z.string(),
  notes: z.string(),
  createdAt: instant,
  publishedAt: instant.nullable(),
  /** Why it was withdrawn, and what to use instead. */
  withdrawal: z.object({ reason: z.string(), replacement: z.string().nullable() }).nullable(),
  /** Declared parts, and those still missing; empty when none were declared. */
  parts: z.array(z.string()),
  missing: z.array(z.string()),
  /** What the release gate found when it was published. */
  checks: z.array(gateResultSchema),
  artifacts: z.array(artifactSchema),
});
export type ReleaseDocument = z.infer<typeof releaseSchema>;

export const channelSchema = z.object({
  name: z.string(),
  /** 0 before the first promotion. */
  sequence: z.number().int(),
  targets: z.record(z.string(), z.object({ release: z.string(), version: z.string() })),
});
export type ChannelState = z.infer<typeof channelSchema>;

export const channelRevisionSchema = z.object({
  sequence: z.number().int(),
  kind: z.enum(["promote", "rollback", "withdraw"]),
  /** The release promoted; for a rollback the one that is live again; null when nothing took the place. */
  release: z.string().nullable(),
  version: z.string().nullable(),
  targets: z.record(z.string(), z.object({ release: z.string(), version: z.string() })),
  actor: z.string(),
  at: instant,
});
export type ChannelRevision = z.infer<typeof channelRevisionSchema>;

/** One artifact to attach: uploaded bytes or a link. Stated platform, arch and format must agree with the bytes. */
export const attachSchema = z.strictObject({
  name: z.string().optional(),
  digest: digest.optional(),
  link: linkSchema.optional(),
  platform: z.enum(PLATFORMS).optional(),
  arch: z.string().optional(),
  format: z.string().optional(),
  variant: variantSchema.optional(),
  role: z.enum(ROLES).optional(),
  install: z.strictObject({ mode: z.enum(INSTALL_MODES) }).optional(),
});
export type AttachRequest = z.infer<typeof attachSchema>;

const partName = z.string().regex(/^[a-z0-9][a-z0-9./-]{0,63}$/);

export const createReleaseSchema = z.strictObject({
  version: versionSchema,
  build: buildSchema.optional(),
  notes: notesSchema.optional(),
  /** Declared parts: one draft is shared by all jobs that name the same version and build. */
  parts: z.array(partName).min(1).max(64).optional(),
});

export const attachArtifactsSchema = z.strictObject({
  artifacts: z.array(attachSchema).min(1).max(500),
  /** The part these complete. Without it an expected part is complete when an artifact for the target of its name is there. */
  part: partName.optional(),
});

export const publishSchema = z.strictObject({
  /** The channel it is meant for: the gate compares with what is live there. */
  channel: channelNameSchema.optional(),
  /** Refused checks accepted for this release; needs the scope gate:override. */
  overrides: z.array(z.strictObject({ check: z.string(), reason: z.string().min(3).max(1000) })).default([]),
});

/** Questions to the gate about files that are not uploaded yet. */
export const checkFilesSchema = z.strictObject({
  version: versionSchema.optional(),
  build: buildSchema.optional(),
  channel: channelNameSchema.optional(),
  artifacts: z
    .array(z.strictObject({ name: z.string(), facts: z.record(z.string(), z.unknown()) }))
    .min(1)
    .max(500),
});

export const promoteSchema = z.strictObject({
  /** Id or version. */
  release: z.string(),
  /** The sequence the channel must stand at. */
  expect: z.number().int().nonnegative().optional(),
  /** Also drop the targets the release does not have. */
  exact: z.boolean().default(false),
  /** Leave the channel alone when the release was live on it before: a repeated CI job must not undo a later promotion. */
  once: z.boolean().default(false),
  /** Percent of the machines that take it as an update, where their installer knows how (apt); 100 unless given. Said again, it changes. */
  phase: z.number().int().min(0).max(100).optional(),
});
export const rollbackSchema = z.strictObject({ expect: z.number().int().nonnegative().optional() });
export const withdrawSchema = z.strictObject({
  status: z.enum(["yanked", "quarantined"]),
  reason: z.string().max(1000).default(""),
  /** Id or version of the release to use instead; needed when this one is live. */
  replacement: z.string().optional(),
});

export const createTokenSchema = z.strictObject({
  name: displayNameSchema.default("token"),
  /** Slugs; none means every app. */
  apps: z.array(slugSchema).default([]),
  scopes: z.array(z.string()).min(1),
  /** Seconds from now. */
  expiresInSeconds: z.number().int().positive().max(315_360_000),
});
export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  apps: z.array(z.string()),
  scopes: z.array(z.string()),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
});
export type TokenDocument = z.infer<typeof tokenSchema>;
export const createdTokenSchema = tokenSchema.extend({ secret: z.string() });

/** `notes`, or `notes@beta` for one channel. */
const memberSchema = z.string().max(120);
export const createRepositorySchema = z.strictObject({ name: slugSchema, members: z.array(memberSchema).min(1).max(1000) });
export const repositorySchema = z.object({
  name: z.string(),
  /** `home`: made by itself, `made`: by somebody. Only those have a list of members. */
  kind: z.enum(["home", "made"]),
  generation: z.number().int().nonnegative(),
  members: z.array(z.string()),
  /** `everyone`, or the apps whose readers may read it: all of them. */
  audience: z.union([z.literal("everyone"), z.array(z.string())]),
});
export type RepositoryDocument = z.infer<typeof repositorySchema>;

/** A file as a generation of a repository has it. */
export const repositoryFileSchema = z.object({
  /** Of these bytes: another generation with the same bytes has the same id. */
  id: z.number().int(),
  feed: z.string(),
  /** In the feed, as it is stored: where a path has several forms, each has an ending behind a semicolon. */
  path: z.string(),
  type: z.string(),
  cache: z.enum(["index", "immutable"]),
  /** Of artifacts and their parts; what is put together from lists has none until it is read. */
  sha256: z.string().optional(),
  size: z.number().int().optional(),
});
export type RepositoryFile = z.infer<typeof repositoryFileSchema>;

export const feedSchema = z.object({
  id: z.string(),
  /** Artifact formats it carries; `all`: whatever a release has. */
  formats: z.union([z.literal("all"), z.array(z.string())]),
  /** What its clients do when a channel goes back. */
  rollback: z.enum(["follows", "new-installs", "refuses"]),
  endpoints: z.array(
    z.object({
      repository: z.string(),
      channel: z.string().optional(),
      address: z.string(),
      /** What people type to use it, in order. */
      lines: z.array(z.string()),
    }),
  ),
});
export type FeedDocument = z.infer<typeof feedSchema>;

export const haveSchema = z.strictObject({ digests: z.array(digest).min(1).max(1000) });
export const haveAnswerSchema = z.object({ have: z.array(digest) });

export const auditEventSchema = z.object({
  index: z.number().int(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  app: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
});

export const instanceSchema = z.object({
  product: z.literal("distd"),
  version: z.string(),
  /** Name of the audit log and of the instance's key. */
  origin: z.string(),
  /** Ed25519, SubjectPublicKeyInfo in PEM. */
  publicKey: z.string(),
  keyId: z.string(),
  /** Server time. */
  now: instant,
});
export type InstanceDocument = z.infer<typeof instanceSchema>;

export const principalSchema = z.object({
  id: z.string(),
  kind: z.enum(["anonymous", "token", "admin"]),
  scopes: z.array(z.string()),
  apps: z.union([z.literal("all"), z.array(z.string())]),
});

/** What came of getting what is live through one feed, as its clients do. */
export const feedReportSchema = z.object({
  feed: z.string(),
  address: z.string(),
  /** Empty: it carries nothing of it. */
  findings: z.array(
    z.object({
      artifact: z.string(),
      /** File name. */
      name: z.string(),
      /** Of its release. */
      version: z.string(),
      /** Where it came from, what came, and what that was compared with; absent with a problem. */
      good: z
        .object({
          url: z.string(),
          size: z.number().int().nonnegative(),
          digest,
          compared: z.array(z.string()),
          note: z.string().optional(),
        })
        .optional(),
      problem: z
        .object({
          kind: z.string(),
          url: z.string(),
          message: z.string(),
          expected: z.string().optional(),
          found: z.string().optional(),
        })
        .optional(),
    }),
  ),
});
export type FeedReportDocument = z.infer<typeof feedReportSchema>;

/** What `dist ci publish --json` prints. */
export const publishDocumentSchema = z.object({
  app: z.string(),
  release: releaseSummarySchema,
  /** `path` as the manifest writes it. */
  artifacts: z.array(artifactSchema.omit({ name: true }).extend({ path: z.string() })),
  /** Null when no channel was asked for, or the promotion was refused. */
  channel: channelSchema.nullable(),
  warnings: z.array(z.string()),
  /** With `--verify`. */
  feeds: z.array(feedReportSchema).optional(),
});
export type PublishDocument = z.infer<typeof publishDocumentSchema>;
