import { z } from "zod";
import { channelNameSchema, displayNameSchema, slugSchema } from "../manifest/schema.ts";

const instant = z.string().meta({ format: "date-time" });

/** Languages that pages and mails speak. */
export const LANGUAGE_CODES = ["en", "de", "zh", "ja"] as const;

/** For one person (name, mail) or for everybody in a group. */
export const inviteTesterSchema = z.strictObject({
  name: displayNameSchema.optional(),
  mail: z.email().max(254).optional(),
  /** Groups the person is put into. */
  groups: z.array(slugSchema).max(20).default([]),
  /** Everybody in this group is invited. */
  group: slugSchema.optional(),
  channel: channelNameSchema,
  /** Seconds from now. */
  expiresInSeconds: z.number().int().positive().max(315_360_000),
  /** Whether the server mails the link. */
  send: z.boolean().default(false),
  language: z.enum(LANGUAGE_CODES).default("en"),
});
export type InviteTester = z.infer<typeof inviteTesterSchema>;
export const invitationSchema = z.object({
  tester: z.string(),
  name: z.string(),
  mail: z.string().nullable(),
  channel: z.string(),
  /** With the secret; it is not shown again. */
  url: z.string(),
  expiresAt: instant,
  /** `sent`, or why not; null where nobody asked for a mail. */
  mailed: z.string().nullable(),
});
export type InvitationDocument = z.infer<typeof invitationSchema>;
export const testerSchema = z.object({
  id: z.string(),
  name: z.string(),
  mail: z.string().nullable(),
  groups: z.array(z.string()),
  /** The newest of each channel. */
  links: z.array(
    z.object({ id: z.string(), channel: z.string(), createdAt: instant, expiresAt: instant, state: z.enum(["open", "ended", "revoked"]) }),
  ),
  /** What was fetched to the last byte, each once. */
  installs: z.array(z.object({ artifact: z.string(), name: z.string(), version: z.string(), build: z.string(), at: instant })),
});
export type TesterDocument = z.infer<typeof testerSchema>;
