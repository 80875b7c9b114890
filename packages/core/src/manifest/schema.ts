import { z } from "zod";
import { parseChannelName, parseDisplayName, parseSlug } from "../text/names.ts";
import { parseVersion } from "../version/scheme.ts";
import { parseVariant } from "../model/target.ts";
import { ACCESS_LEVELS } from "../model/access.ts";
import { parseArchitecture, PLATFORMS, ROLES } from "../model/words.ts";

/** How an iOS artifact reaches devices. The modes never blur into each other. */
export const INSTALL_MODES = ["testflight", "enterprise", "ad-hoc", "artifact-only"] as const;

/** A string the given reader accepts; its message becomes the schema's. */
function checked(read: (text: string) => unknown, description: string): z.ZodType<string> {
  return z
    .string()
    .superRefine((text, context) => {
      try {
        read(text);
      } catch (error) {
        context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      }
    })
    .meta({ description });
}

export const slugSchema = checked(parseSlug, "Address of the app: 1 to 64 of a-z, 0-9 and inner hyphens.");
export const channelNameSchema = checked(parseChannelName, "Name of a channel: a-z first, then up to 31 of a-z, 0-9 and hyphens.");
export const versionSchema = checked((text) => parseVersion(text), "Bare version, such as 1.4.0 or 2026.11.1; one leading v is taken off.");
export const displayNameSchema = checked(parseDisplayName, "A name for people, 1 to 100 characters.");
export const variantSchema = checked(parseVariant, "libc, ABI, flavour or quantisation.");

/** Markdown, up to 65,536 UTF-16 code units; half a surrogate pair is not text. */
export const notesSchema = z
  .string()
  .max(65_536)
  .refine((text) => text.isWellFormed(), { message: "half a surrogate pair is not text" });

/** An https address in visible ASCII, as headers and pages can carry it. */
export const linkSchema = z
  .url({ protocol: /^https$/, abort: true })
  .refine((text) => /^https:\/\/[!-~]+$/i.test(text), { message: "not an https address in visible ASCII" });

/** Build number: text or a whole number; kept as text. */
export const buildSchema = z.union([z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/), z.number().int().nonnegative()]).meta({
  description: "Build number, as the platform writes it.",
});

const architectureSchema = z
  .string()
  .refine((text) => parseArchitecture(text) !== undefined, {
    message: "not an architecture: x86, x64, arm64, armv7 or any (amd64, x86_64, i686, aarch64 are understood)",
  })
  .meta({ description: "x86, x64, arm64, armv7 or any." });

const install = z.strictObject({ mode: z.enum(INSTALL_MODES) }).meta({ description: "How an iOS build reaches devices." });
const part = z
  .string()
  .regex(/^[a-z0-9][a-z0-9./-]{0,63}$/)
  .meta({ description: "The part of the release this belongs to, when several jobs build one release." });

const stated = {
  platform: z.enum(PLATFORMS).optional(),
  arch: architectureSchema.optional(),
  variant: variantSchema.optional(),
  role: z.enum(ROLES).optional(),
  install: install.optional(),
  part: part.optional(),
};

const fileEntry = z
  .strictObject({
    path: z.string().min(1).meta({ description: "File to publish, absolute or relative to the manifest's folder." }),
    format: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
      .optional(),
    ...stated,
  })
  .meta({ description: "A file. Platform, architecture and format come from its bytes; stating them makes a contradiction an error." });

const linkEntry = z
  .strictObject({
    link: linkSchema.meta({ description: "https address where somebody else delivers it." }),
    ...stated,
    platform: z.enum(PLATFORMS),
  })
  .meta({ description: "A link, such as TestFlight or a store page." });

export const manifestSchema = z
  .strictObject({
    $schema: z.string().optional(),
    app: slugSchema,
    name: displayNameSchema.optional().meta({ description: "Name of the app, used when publishing creates it." }),
    access: z.enum(ACCESS_LEVELS).optional().meta({ description: "Who may see the app, used when publishing creates it." }),
    version: versionSchema,
    build: buildSchema.optional(),
    channel: channelNameSchema.optional(),
    notes: notesSchema.optional().meta({ description: "What is new, in Markdown." }),
    parts: z.array(part).min(1).max(64).optional().meta({ description: "Names of the parts that make the release whole." }),
    artifacts: z
      .array(z.union([fileEntry, linkEntry]))
      .min(1)
      .max(500),
  })
  .meta({ title: "dist.json", description: "What one release of an app consists of, and the channel it goes to." });

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof fileEntry>;
export type ManifestLink = z.infer<typeof linkEntry>;

export function isLinkEntry(entry: ManifestFile | ManifestLink): entry is ManifestLink {
  return "link" in entry;
}

/** The published JSON Schema of `dist.json`. */
export function manifestJsonSchema(): unknown {
  return z.toJSONSchema(manifestSchema, { io: "input", unrepresentable: "any" });
}
