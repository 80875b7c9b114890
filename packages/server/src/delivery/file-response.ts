import { randomBytes } from "node:crypto";
import type { Sha256 } from "@distd/core";
import type { BlobStore } from "../blobs/blob-store.ts";
import { type ByteRange, parseRanges } from "./byte-ranges.ts";
import type { SmallBlobs } from "./small-blobs.ts";

/** A blob with the headers every answer about it carries. */
export interface ServedFile {
  /** The blob its bytes are in. */
  readonly digest: Sha256;
  /** Where they begin in it; 0 when absent. */
  readonly offset?: number;
  readonly size: number;
  readonly contentType: string;
  /** ETag, caching, disposition, security: prepared once. */
  readonly headers: Readonly<Record<string, string>>;
}

const MULTIPART_CHUNK_BYTES = 256 * 1024;

/** Answers GET and HEAD for a blob: whole, one range, several ranges, 304, 416. */
export async function fileResponse(request: Request, file: ServedFile, blobs: BlobStore, small: SmallBlobs): Promise<Response> {
  const headers = new Headers(file.headers);
  const etag = file.headers["etag"] ?? "";
  if (matchesAny(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });

  const ifRange = request.headers.get("if-range");
  const header = ifRange === null || ifRange === etag ? request.headers.get("range") : null;
  const ranges = request.method === "GET" ? parseRanges(header, file.size) : "whole";
  const isHead = request.method === "HEAD";
  if (ranges === "none") {
    headers.set("content-range", `bytes */${file.size}`);
    return new Response(null, { status: 416, headers });
  }
  if (ranges === "whole") {
    headers.set("content-type", file.contentType);
    headers.set("content-length", String(file.size));
    if (isHead) return new Response(null, { headers });
    const bytes = file.offset === undefined ? await small.get(file.digest, file.size) : undefined;
    if (bytes) return new Response(bytes, { headers });
    const body = bodyOf(file, blobs, 0, file.size);
    // A file as a body would apply the Range header by itself, also where If-Range says not to; a stream does not.
    return new Response(request.headers.has("range") ? body.stream() : body, { headers });
  }
  const [only] = ranges;
  if (ranges.length === 1 && only) {
    headers.set("content-type", file.contentType);
    headers.set("content-range", contentRange(only, file.size));
    headers.set("content-length", String(only.end - only.start));
    return new Response(bodyOf(file, blobs, only.start, only.end).stream(), { status: 206, headers });
  }
  return multipart(file, ranges, blobs, headers);
}

function bodyOf({ digest, offset = 0 }: ServedFile, blobs: BlobStore, start: number, end: number): Blob {
  return blobs.body(digest, offset + start, offset + end);
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

/** Weak and listed tags compare as RFC 9110 §13.1.2 says. */
export function matchesAny(header: string | null, etag: string): boolean {
  return header !== null && (header.trim() === "*" || header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag));
}

/** multipart/byteranges, pulled: what a slow reader has not taken is not in memory. */
function multipart(file: ServedFile, ranges: readonly ByteRange[], blobs: BlobStore, headers: Headers): Response {
  const boundary = randomBytes(18).toString("base64url");
  headers.set("content-type", `multipart/byteranges; boundary=${boundary}`);
  const parts = multipartBytes(file, ranges, blobs, boundary);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 206, headers });
}

async function* multipartBytes(
  file: ServedFile,
  ranges: readonly ByteRange[],
  blobs: BlobStore,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  for (const range of ranges) {
    yield text.encode(`--${boundary}\r\ncontent-type: ${file.contentType}\r\ncontent-range: ${contentRange(range, file.size)}\r\n\r\n`);
    for (let start = range.start; start < range.end; start += MULTIPART_CHUNK_BYTES) {
      yield await bodyOf(file, blobs, start, Math.min(range.end, start + MULTIPART_CHUNK_BYTES)).bytes();
    }
    yield text.encode("\r\n");
  }
  yield text.encode(`--${boundary}--\r\n`);
}
