import { pipeline, Readable } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { ByteReader, type ByteSource } from "@distd/core";
import { broken, isBroken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { type ByteStream, streamOf, streamOfChunks } from "../stream/byte-stream.ts";
import { bunzip2 } from "./bzip2.ts";
import { type Codec, detectCodec } from "./codec.ts";

const CHUNK_BYTES = 64 * 1024;
/** 128 MiB: what zstd itself opens unless told otherwise. xz-decompress allows dictionaries up to 64 MiB. */
const MAX_ZSTD_WINDOW_LOG = 27;
const MAX_ZSTD_WINDOW_BYTES = 2 ** MAX_ZSTD_WINDOW_LOG;

/** The source from front to back, decompressed when it is compressed. What comes out counts against the budget as it comes. */
export async function openStream(source: ByteSource, budget: Budget): Promise<ByteStream & { readonly codec: Codec | undefined }> {
  const codec = detectCodec(await source.read(0, Math.min(18, source.size)));
  const stream = codec === undefined ? streamOf(source) : streamOfChunks(decompress(source, codec, budget));
  return Object.assign(stream, { codec });
}

export async function* decompress(source: ByteSource, codec: Codec, budget: Budget): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of opened(source, codec)) {
      budget.spend(chunk.length, `the ${codec} data`);
      yield chunk;
    }
  } catch (cause) {
    throw isBroken(cause) ? cause : broken(`the ${codec} data does not decompress`, cause);
  }
}

function opened(source: ByteSource, codec: Codec): AsyncGenerator<Uint8Array, void, undefined> {
  if (codec === "bzip2") return bunzip2(pieces(source));
  return codec === "xz" ? xz(source) : viaZlib(source, codec);
}

/** Node ends after the first of several zstd frames and says how far it read; Bun, and gzip everywhere, read them all. */
async function* viaZlib(source: ByteSource, codec: "gzip" | "zstd"): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < source.size; ) {
    if (codec === "zstd") {
      const head = await source.read(offset, Math.min(18, source.size - offset));
      const skipped = skippableBytes(head);
      offset += skipped;
      if (skipped > 0) continue;
      // What is no further frame is not looked at, as Bun does it.
      if (offset > 0 && detectCodec(head) !== "zstd") return;
      checkWindow(head);
    }
    const transform =
      codec === "gzip"
        ? createGunzip({ chunkSize: CHUNK_BYTES })
        : createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG } });
    const input = Readable.from(pieces(source, offset));
    // Errors reach the reader through the iteration below; the callback only keeps them from being unhandled.
    pipeline(input, transform, () => {});
    try {
      for await (const chunk of transform) yield chunk as Uint8Array;
    } finally {
      transform.destroy();
      input.destroy();
    }
    if (codec === "gzip" || transform.bytesWritten === 0) return;
    offset += transform.bytesWritten;
  }
}

async function* xz(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  // Loaded when needed; a CommonJS module, whose names Node only finds on the default export.
  const { XzReadableStream } = (await import("xz-decompress")).default;
  const input = pieces(source);
  const compressed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await input.next();
      if (next.done === true) controller.close();
      // Copied: the decoder keeps what it is given.
      else controller.enqueue(next.value.slice());
    },
  });
  const reader = new XzReadableStream(compressed).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** RFC 8878, 3.1.2: a frame of somebody else's data, with its length; 0 when it is none. */
function skippableBytes(head: Uint8Array): number {
  if (head.length < 8) return 0;
  const reader = new ByteReader(head, { littleEndian: true });
  const [magic, length] = [reader.u32(), reader.u32()];
  return magic >= 0x184d2a50 && magic <= 0x184d2a5f ? length + 8 : 0;
}

/** RFC 8878, 3.1.1.1: a frame says how much memory its reader needs. */
function checkWindow(head: Uint8Array): void {
  const reader = new ByteReader(head, { littleEndian: true }).seek(4);
  const descriptor = reader.u8();
  const single = (descriptor & 0x20) !== 0;
  if (single) return;
  const byte = reader.u8();
  const base = 2 ** (10 + (byte >> 3));
  const window = base + (base / 8) * (byte & 7);
  if (window > MAX_ZSTD_WINDOW_BYTES) throw broken(`zstd: a window of ${window} bytes, at most ${MAX_ZSTD_WINDOW_BYTES} are used`);
}

async function* pieces(source: ByteSource, from = 0): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = from; offset < source.size; offset += CHUNK_BYTES)
    yield source.read(offset, Math.min(CHUNK_BYTES, source.size - offset));
}
