// What is live, as the hub signed it (docs/channel-document.md): a key that stays the same, a sequence that only rises, a date until when it holds.
import { createPublicKey } from "node:crypto";
import { DistError, fromProblem } from "@distd/core";
import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, channelDocumentSchema, type Envelope, openEnvelope } from "@distd/core/wire";
import type { KnownHubs } from "./known-hubs.ts";

export interface Hub {
  /** Without a trailing slash. */
  readonly url: string;
  readonly token: string | undefined;
}

const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
const PATIENCE_MS = 30_000;

/** The document of a channel, verified. Throws what is wrong with it, and keeps nothing of one that does not hold. */
export async function fetchChannel(hub: Hub, known: KnownHubs, app: string, channel: string, now: Date): Promise<ChannelDocument> {
  const publicKey = known.find(hub.url)?.publicKey ?? (await fetchKey(hub));
  const envelope = (await getJson(hub, `/a/${encodeURIComponent(app)}/${encodeURIComponent(channel)}.json`)) as Envelope;
  const document = readDocument(envelope, publicKey, hub);
  if (document.app !== app || document.channel !== channel)
    throw new DistError("channel/not-believed", `${hub.url} answered with the document of ${document.app}@${document.channel}`);
  const name = `${app}@${channel}`;
  const before = known.find(hub.url)?.seen[name];
  const isOlder =
    before !== undefined &&
    (document.sequence < before.sequence || (document.sequence === before.sequence && document.issued < before.issued));
  if (isOlder)
    throw new DistError(
      "channel/not-believed",
      `${name} went back in time: sequence ${document.sequence}, after ${before.sequence} was seen`,
    );
  if (Date.parse(document.expires) <= now.getTime())
    throw new DistError(
      "channel/not-believed",
      `what ${hub.url} says of ${name} ended on ${document.expires.slice(0, 10)}: news may be held back`,
    );
  const seen = { ...known.find(hub.url)?.seen, [name]: { sequence: document.sequence, issued: document.issued } };
  known.keep(hub.url, { publicKey, seen });
  return document;
}

async function fetchKey(hub: Hub): Promise<string> {
  const { publicKey } = (await getJson(hub, "/api/v1/instance")) as { publicKey?: unknown };
  if (typeof publicKey !== "string") throw new DistError("network/unreachable", `${hub.url} does not answer as distd does`);
  return publicKey;
}

function readDocument(envelope: Envelope, publicKey: string, hub: Hub): ChannelDocument {
  try {
    return channelDocumentSchema.parse(JSON.parse(openEnvelope(envelope, CHANNEL_DOCUMENT_TYPE, [createPublicKey(publicKey)])));
  } catch (cause) {
    throw new DistError("channel/not-believed", `what ${hub.url} answered is not signed with the key it had before`, { cause });
  }
}

async function getJson({ url, token }: Hub, path: string): Promise<unknown> {
  const headers = { accept: "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { headers, redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw new DistError("network/unreachable", `${new URL(url).host} does not answer: ${(cause as Error).message}`, { cause });
  }
  const text = await response.text();
  if (text.length > MAX_DOCUMENT_BYTES) throw new DistError("network/unreachable", `${url}${path} answers with ${text.length} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    // A captive portal's page, a proxy's failure.
    throw new DistError("network/unreachable", `${new URL(url).host} answered ${response.status}, but not as distd does`, { cause });
  }
  if (!response.ok) throw fromProblem(body, response.status);
  return body;
}
