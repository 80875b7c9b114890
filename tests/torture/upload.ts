import { type Answer, type Hub, Interrupted, Refused } from "./hub.ts";
import { type Payload, payloadBytes } from "./payload.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** What was heard of one upload: it must remember at least `acked` bytes and cannot have more than `sent`. All sent, it may have ended. */
interface Heard {
  acked: number;
  sent: number;
}

interface UploadContext {
  readonly hub: Hub;
  readonly random: Random;
  readonly tally: Tally;
  /** False when somebody else sends the same file for the same app: then nothing can be said about offsets. */
  readonly alone: boolean;
}

const TUS = { "tus-resumable": "1.0.0" };
const PAUSE_MS = 10;

/** Sends a file with tus in pieces, hanging up now and then, and goes on wherever the server says it stands. Judges what the server says. */
export async function uploadPayload(context: UploadContext, app: string, payload: Payload, name: string): Promise<void> {
  const { hub, random, tally } = context;
  const bytes = payloadBytes(payload);
  const known = new Map<string, Heard>();
  let location: string | undefined;
  for (;;) {
    try {
      const asksFirst = location !== undefined && random.chance(0.7);
      location = asksFirst ? location : await announce(hub, app, payload, name);
      if (payload.size === 0) return;
      const heard = known.get(location as string) ?? { acked: 0, sent: 0 };
      known.set(location as string, heard);
      let offset = await askOffset(hub, location as string);
      if (context.alone) judgeOffset(tally, location as string, heard, { offset, size: payload.size });
      while (offset < payload.size) {
        offset = await sendPiece(context, location as string, bytes, offset, heard);
        heard.acked = offset;
      }
      tally.count("uploads");
      return;
    } catch (error) {
      const failed = location;
      location = goOn(error, location);
      const lost = error instanceof Refused && error.code === "upload/not-found" && failed !== undefined ? known.get(failed) : undefined;
      if (context.alone && lost && lost.sent < payload.size) tally.fail(`${failed} was forgotten with ${lost.acked} bytes acknowledged`);
      await Bun.sleep(PAUSE_MS);
    }
  }
}

async function announce(hub: Hub, app: string, payload: Payload, name: string): Promise<string> {
  const metadata = Object.entries({ filename: name, sha256: payload.sha256 }).map(([key, value]) => `${key} ${btoa(value)}`);
  const headers = { ...TUS, "upload-length": String(payload.size), "upload-metadata": metadata.join(",") };
  const answer = await hub.send(`/api/v1/apps/${app}/uploads`, { method: "POST", headers });
  return new URL(answer.headers.get("location") ?? "", "http://localhost").pathname;
}

async function askOffset(hub: Hub, location: string): Promise<number> {
  return offsetIn(await hub.send(location, { method: "HEAD", headers: TUS }));
}

function offsetIn(answer: Answer): number {
  return Number(answer.headers.get("upload-offset") ?? Number.NaN);
}

async function sendPiece(
  { hub, random, tally }: UploadContext,
  location: string,
  bytes: Buffer,
  offset: number,
  heard: Heard,
): Promise<number> {
  const rest = bytes.length - offset;
  const length = random.chance(0.5) ? rest : 1 + random.below(rest);
  const headers = { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
  const body = new Uint8Array(bytes.subarray(offset, offset + length));
  const hangUp = new AbortController();
  const timer = length > 64 * 1024 && random.chance(0.1) ? setTimeout(() => hangUp.abort(), random.below(10)) : undefined;
  heard.sent = Math.max(heard.sent, offset + length);
  try {
    return offsetIn(await hub.send(location, { method: "PATCH", headers, body, signal: hangUp.signal }));
  } finally {
    clearTimeout(timer);
    if (hangUp.signal.aborted) tally.count("uploads hung up on");
  }
}

function judgeOffset(tally: Tally, location: string, heard: Heard, { offset, size }: { offset: number; size: number }): void {
  const { acked, sent } = heard;
  if (sent > 0) tally.count("uploads resumed");
  // A server that died after moving the whole file into place and before saying so asks for all of it again. That costs time, not bytes.
  if (offset === 0 && sent === size) {
    tally.count("uploads sent again from the start, the crash being at their end");
    heard.acked = 0;
    return;
  }
  if (offset < acked) tally.fail(`${location} stands at ${offset}, but ${acked} bytes were acknowledged`);
  if (offset > sent && sent > 0) tally.fail(`${location} stands at ${offset}, but only ${sent} bytes were sent`);
  if (Number.isNaN(offset)) tally.fail(`${location} does not say where it stands`);
}

/** The location to try next, or none for a new announcement. What another attempt cannot mend is thrown. */
function goOn(error: unknown, location: string | undefined): string | undefined {
  if (error instanceof Interrupted) return location;
  if (!(error instanceof Refused)) throw error;
  // It may have ended, and the answer was lost; a new announcement finds out.
  if (error.code === "upload/not-found") return undefined;
  // Our own hung-up request may still be at it.
  if (error.code === "upload/busy" || error.code === "upload/offset-mismatch") return location;
  throw error;
}
