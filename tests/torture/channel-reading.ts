import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, channelDocumentSchema } from "@distd/core/wire";
import type { Hub } from "./hub.ts";

/** The document updaters poll. Its signature is not judged here: `distd check` does that, and other tests. */
export async function fetchChannelDocument(hub: Hub, app: string, channel: string): Promise<ChannelDocument> {
  const { bytes } = await hub.send(`/a/${app}/${channel}.json`);
  const envelope = JSON.parse(new TextDecoder().decode(bytes)) as { payloadType: string; payload: string };
  if (envelope.payloadType !== CHANNEL_DOCUMENT_TYPE) throw new Error(`the document of ${app}/${channel} is a ${envelope.payloadType}`);
  return channelDocumentSchema.parse(JSON.parse(Buffer.from(envelope.payload, "base64").toString()));
}
