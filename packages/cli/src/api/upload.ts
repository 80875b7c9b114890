import { type ByteSource, DistError, type Sha256 } from "@distd/core";
import { type Api, backoff, pause, problemOf } from "./api.ts";

/** A local file with its digest, ready to go. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: Sha256;
}

const CHUNK_BYTES = 1024 * 1024;
/** Attempts without a byte of progress before giving up. */
const ATTEMPTS = 5;
const TUS = { "tus-resumable": "1.0.0" };

export interface UploadOptions {
  readonly signal: AbortSignal;
  onProgress(done: number): void;
}

/** Sends a file with tus. Goes on where the last attempt stopped, also one of an earlier run: the server knows how far it got. */
export async function uploadFile(api: Api, app: string, file: LocalFile, source: ByteSource, options: UploadOptions): Promise<void> {
  const { signal, onProgress } = options;
  let attempt = 0;
  let furthest = -1;
  for (;;) {
    try {
      const { location, offset } = await begin(api, app, file, signal);
      onProgress(offset);
      if (offset > furthest) attempt = 0;
      furthest = Math.max(furthest, offset);
      if (file.size === 0) return;
      await sendFrom(api, location, source, offset, options);
      return;
    } catch (thrown) {
      const error = thrown as DistError;
      attempt += 1;
      if (signal.aborted || !mayGoOn(error) || attempt >= ATTEMPTS) throw error;
      await pause(backoff(attempt));
    }
  }
}

/** What another attempt can mend: the network, a server that starts, a digest of bytes that were being deleted, a race for the upload. */
function mayGoOn(error: DistError): boolean {
  return [
    "network/unreachable",
    "server/unavailable",
    "server/failed",
    "upload/busy",
    "upload/offset-mismatch",
    "upload/not-found",
  ].includes(error.code);
}

async function begin(api: Api, app: string, file: LocalFile, signal: AbortSignal): Promise<{ location: string; offset: number }> {
  const metadata = Object.entries({ filename: file.name, sha256: file.sha256 }).map(
    ([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`,
  );
  const response = await api.send(`/api/v1/apps/${app}/uploads`, {
    method: "POST",
    headers: { ...TUS, "upload-length": String(file.size), "upload-metadata": metadata.join(",") },
    signal,
  });
  if (response.status !== 201) throw await problemOf(response);
  // The server names its public address, perhaps below a folder of a proxy; we stay on the address we reach it by.
  const { pathname } = new URL(response.headers.get("location") ?? "", api.server);
  const location = pathname.slice(Math.max(0, pathname.indexOf("/api/v1/")));
  return { location, offset: Number(response.headers.get("upload-offset") ?? 0) };
}

async function sendFrom(
  api: Api,
  location: string,
  source: ByteSource,
  offset: number,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  let at = offset;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at >= source.size) return controller.close();
        const bytes = await source.read(at, Math.min(CHUNK_BYTES, source.size - at));
        at += bytes.length;
        controller.enqueue(bytes);
        onProgress(at);
      },
    },
    { highWaterMark: 2 },
  );
  const headers = {
    ...TUS,
    "content-type": "application/offset+octet-stream",
    "upload-offset": String(offset),
    "content-length": String(source.size - offset),
  };
  const response = await api.send(location, { method: "PATCH", headers, body, duplex: "half", signal });
  if (response.status !== 204) throw await problemOf(response);
}
