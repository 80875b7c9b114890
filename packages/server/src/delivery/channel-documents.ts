import { DistError, isAllowed, type Principal, sha256 } from "@distd/core";
import { authorize, type AppRef } from "../auth/authorize.ts";
import { MAIN_ORGANIZATION } from "../service/apps.ts";
import type { Instance } from "../service/instance.ts";
import { matchesAny } from "./file-response.ts";

/** Serves the stored documents: what updaters poll, so the path with the least to do. */
export interface ChannelDocuments {
  respond(request: Request, authenticate: () => Promise<Principal>, slug: string, channel: string): Promise<Response>;
  /** Call after any change. */
  forget(): void;
}

interface Ready {
  readonly app: AppRef;
  readonly isOpen: boolean;
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
}

const MAX_READY = 20_000;

export function createChannelDocuments(instance: Instance): ChannelDocuments {
  const ready = new Map<string, Ready>();

  const load = async (slug: string, channel: string): Promise<Ready | undefined> => {
    const row = await instance.db.read
      .selectFrom("channel_documents")
      .innerJoin("channels", "channels.id", "channel_documents.channel_id")
      .innerJoin("apps", "apps.id", "channels.app_id")
      .select(["apps.id", "apps.slug", "apps.access", "channel_documents.body"])
      .where("apps.org_id", "=", MAIN_ORGANIZATION)
      .where("apps.slug", "=", slug)
      .where("channels.name", "=", channel)
      .executeTakeFirst();
    if (!row) return undefined;
    const isOpen = row.access === "public" || row.access === "unlisted";
    const body = new Uint8Array(Buffer.from(row.body));
    const etag = `"${sha256(body)}"`;
    const headers = new Headers({
      "content-type": "application/vnd.dsse.envelope.v1+json",
      etag,
      "cache-control": `${isOpen ? "public" : "private"}, no-cache`,
      "x-content-type-options": "nosniff",
      "access-control-allow-origin": "*",
    });
    return { app: row, isOpen, etag, body, headers };
  };

  return {
    async respond(request, authenticate, slug, channel) {
      const key = `${slug}/${channel}`;
      let document = ready.get(key);
      if (!document) {
        document = await load(slug, channel);
        if (!document) return missing(instance, await authenticate(), slug, channel);
        if (ready.size >= MAX_READY) ready.clear();
        ready.set(key, document);
      }
      if (!document.isOpen) authorize(await authenticate(), "read", slug, document.app);
      const tag = request.headers.get("if-none-match");
      return tag !== null && matchesAny(tag, document.etag)
        ? new Response(null, { status: 304, headers: document.headers })
        : new Response(document.body, { headers: document.headers });
    },
    forget: () => ready.clear(),
  };
}

/** Says what is missing, to those who may know. */
async function missing(instance: Instance, principal: Principal, slug: string, channel: string): Promise<never> {
  const app = await instance.db.read
    .selectFrom("apps")
    .select(["id", "slug", "access"])
    .where("org_id", "=", MAIN_ORGANIZATION)
    .where("slug", "=", slug)
    .executeTakeFirst();
  authorize(principal, "read", slug, app);
  const hint = isAllowed(principal, "promote", { app, channel })
    ? { hint: `promote a release: dist channel promote ${slug} ${channel} RELEASE` }
    : {};
  throw new DistError("channel/not-found", `app '${slug}' has no channel '${channel}'`, hint);
}
