import { DistError, isAllowed, isOpen, type Principal, sha256 } from "@distd/core";
import { authorize, type AppRef } from "../auth/authorize.ts";
import { MAIN_ORGANIZATION } from "../service/apps.ts";
import type { Instance } from "../service/instance.ts";
import { createReadCache } from "../read-cache.ts";
import { matchesAny } from "./file-response.ts";

/** Serves the stored documents: what updaters poll, so the path with the least to do. */
export interface ChannelDocuments {
  /** The answer, when document and right are known without asking the database. */
  recall(request: Request, principal: Principal | undefined, slug: string, channel: string): Response | undefined;
  find(request: Request, principal: Principal, slug: string, channel: string): Promise<Response>;
  /** Call after any change. */
  forget(): void;
}

interface Ready {
  readonly app: AppRef;
  readonly isOpen: boolean;
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
  /** RFC 9110 §15.4.5 wants these of a 304; the others would only cost. */
  readonly unchanged: Headers;
}

const MAX_READY = 20_000;

export function createChannelDocuments(instance: Instance): ChannelDocuments {
  const ready = createReadCache<Ready>(MAX_READY);

  const load = async (slug: string, channel: string): Promise<Ready | undefined> => {
    const row = await instance.db.read
      .selectFrom("channel_documents")
      .innerJoin("channels", "channels.id", "channel_documents.channel_id")
      .innerJoin("apps", "apps.id", "channels.app_id")
      .select(["apps.id", "apps.slug", "apps.access", "apps.download", "apps.install", "channel_documents.body"])
      .where("apps.org_id", "=", MAIN_ORGANIZATION)
      .where("apps.slug", "=", slug)
      .where("channels.name", "=", channel)
      .executeTakeFirst();
    if (!row) return undefined;
    const body = new Uint8Array(Buffer.from(row.body));
    const etag = `"${sha256(body)}"`;
    const caching = { etag, "cache-control": `${isOpen(row.access) ? "public" : "private"}, no-cache` };
    const headers = new Headers({
      ...caching,
      "content-type": "application/vnd.dsse.envelope.v1+json",
      "x-content-type-options": "nosniff",
      "access-control-allow-origin": "*",
    });
    return { app: row, isOpen: isOpen(row.access), etag, body, headers, unchanged: new Headers(caching) };
  };

  return {
    recall(request, principal, slug, channel) {
      const document = ready.recall(`${slug}/${channel}`);
      const mayRead =
        document !== undefined && (document.isOpen || (principal !== undefined && isAllowed(principal, "read", { app: document.app })));
      return mayRead ? respond(request, document) : undefined;
    },
    async find(request, principal, slug, channel) {
      const document = await ready.get(`${slug}/${channel}`, () => load(slug, channel));
      if (!document) return missing(instance, principal, slug, channel);
      authorize(principal, "read", slug, document.app);
      return respond(request, document);
    },
    forget: ready.forget,
  };
}

function respond(request: Request, { etag, body, headers, unchanged }: Ready): Response {
  const tag = request.headers.get("if-none-match");
  const isUnchanged = tag !== null && (tag === etag || matchesAny(tag, etag));
  return isUnchanged ? new Response(null, { status: 304, headers: unchanged }) : new Response(body, { headers });
}

/** Says what is missing, to those who may know. */
async function missing(instance: Instance, principal: Principal, slug: string, channel: string): Promise<never> {
  const app = await instance.db.read
    .selectFrom("apps")
    .select(["id", "slug", "access", "download", "install"])
    .where("org_id", "=", MAIN_ORGANIZATION)
    .where("slug", "=", slug)
    .executeTakeFirst();
  authorize(principal, "read", slug, app);
  const hint = isAllowed(principal, "promote", { app, channel })
    ? { hint: `promote a release: dist channel promote ${slug} ${channel} RELEASE` }
    : {};
  throw new DistError("channel/not-found", `app '${slug}' has no channel '${channel}'`, hint);
}
