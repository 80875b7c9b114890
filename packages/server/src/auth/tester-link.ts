// Personal links: whoever has the address is the tester it was made for, on one app's channel, until it ends.
import { randomBytes } from "node:crypto";
import { DistError, type Principal, sha256 } from "@distd/core";
import type { Read } from "../db/database.ts";

const SECRET_BYTES = 24;
const SECRET = /^[A-Za-z0-9_-]{32}$/;

/** A link as it is now; asked of the database each time, so that what was revoked opens nothing any more. */
export interface TesterLink {
  readonly id: string;
  readonly tester: string;
  readonly app: { readonly id: string; readonly slug: string; readonly name: string; readonly contact: string | null };
  readonly channel: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** 192 bits, for an address. Only its hash is kept. */
export function createLinkSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

export async function findLink(db: Read, by: { readonly secret: string } | { readonly id: string }): Promise<TesterLink | undefined> {
  if ("secret" in by && !SECRET.test(by.secret)) return undefined;
  const links = db
    .selectFrom("tester_links")
    .innerJoin("apps", "apps.id", "tester_links.app_id")
    .select(["tester_links.id", "tester_id", "app_id", "channel", "expires_at", "revoked_at", "apps.slug", "apps.name", "apps.contact"]);
  const found = "secret" in by ? links.where("tester_links.hash", "=", sha256(by.secret)) : links.where("tester_links.id", "=", by.id);
  const row = await found.executeTakeFirst();
  if (!row) return undefined;
  const { id, tester_id, app_id, slug, name, contact, channel, expires_at, revoked_at } = row;
  return {
    id,
    tester: tester_id,
    app: { id: app_id, slug, name, contact },
    channel,
    expiresAt: Date.parse(expires_at),
    isRevoked: revoked_at !== null,
  };
}

/** Why a link opens nothing any more, with whom to ask for another. */
export function endOf({ app, expiresAt, isRevoked }: TesterLink, now: number): DistError | undefined {
  if (!isRevoked && expiresAt > now) return undefined;
  return new DistError("link/ended", isRevoked ? "this link was taken back" : "this link has ended", { details: { contact: app.contact } });
}

/** Who has the link. Throws `link/ended`. */
export function testerOf(link: TesterLink, now: number): Principal {
  const ended = endOf(link, now);
  if (ended) throw ended;
  const { id, app, channel } = link;
  return { id, kind: "tester", scopes: [], apps: [app.id], channel };
}
