import type { ChannelDocuments } from "../delivery/channel-documents.ts";
import { fileResponse } from "../delivery/file-response.ts";
import type { Files } from "../delivery/files.ts";
import { parseArtifactRequest, resolveArtifact } from "../delivery/resolve.ts";
import type { SmallBlobs } from "../delivery/small-blobs.ts";
import { artifactPath } from "../service/releases/releases.ts";
import { whoReads } from "./as-visitor.ts";
import type { Handler, HttpContext } from "./mount.ts";
import { readOnly } from "./read-only.ts";

export interface Delivery {
  readonly files: Files;
  readonly documents: ChannelDocuments;
  readonly small: SmallBlobs;
}

const DOCUMENT = ".json";
/** Pages and channel documents. */
export const HOT_PATH = "/a/:app/:channel";

/** What people, phones and updaters read: files, channel documents; `findPage` answers for people who look at a channel. No operation here writes. */
export function deliveryRoutes(context: HttpContext, delivery: Delivery, findPage: Handler): Record<string, Handler> {
  const { instance, authenticator, metrics } = context;
  const { files, documents, small } = delivery;
  const file: Handler = async (request) => {
    const { app = "", artifact = "" } = request.params;
    const principal = await whoReads(context, request);
    const served = await files.find(principal, app, artifact, "download");
    const response = await fileResponse(request, served, instance.blobs, small);
    if (request.method === "GET" && response.status === 200) metrics.countBytes("sent", served.size);
    return response;
  };

  const best: Handler = async (request) => {
    const { app = "", channel = "" } = request.params;
    const principal = await whoReads(context, request);
    const row = await resolveArtifact(instance, principal, app, channel, parseArtifactRequest(new URL(request.url).searchParams));
    const location = row.link ?? `${instance.baseUrl}/d/${artifactPath(app, row)}`;
    return new Response(null, { status: 302, headers: { location, "cache-control": "no-cache", "referrer-policy": "no-referrer" } });
  };

  const findDocument = readOnly(context, "/a/:app/:channel.json", async (request) => {
    const { app = "", channel = "" } = request.params;
    const principal = await authenticator.authenticate(request.headers.get("authorization"));
    return documents.find(request, principal, app, channel.slice(0, -DOCUMENT.length));
  });
  // What updaters poll is the hot path: no log line, no request id, nothing to wait for, when all is in memory.
  const channel: Handler = (request) => {
    const { app = "", channel: name = "" } = request.params;
    if (!name.endsWith(DOCUMENT)) return findPage(request);
    if (request.method !== "GET") return findDocument(request);
    const principal = authenticator.recall(request.headers.get("authorization"));
    return documents.recall(request, principal, app, name.slice(0, -DOCUMENT.length)) ?? findDocument(request);
  };

  return {
    "/d/:app/artifacts/:artifact/:name": readOnly(context, "/d/:app/artifacts/:artifact/:name", file),
    "/d/:app/:channel": readOnly(context, "/d/:app/:channel", best),
    [HOT_PATH]: channel,
  };
}
