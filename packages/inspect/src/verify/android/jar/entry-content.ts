import { Readable, pipeline } from "node:stream";
import { createInflateRaw, inflateRawSync } from "node:zlib";
import type { ByteSource } from "@distd/core";
import { broken } from "../../../broken.ts";
import { piecesOf } from "../pieces.ts";
import { STORED, type ZipEntry } from "../../../zip/directory.ts";

const HEADER_BYTES = 30;
const EXTRA_LENGTH_AT = 28;
const INFLATED_PIECE_BYTES = 256 * 1024;
/** zlib takes no smaller ones. */
const MIN_CHUNK_BYTES = 64;
/** Up to this much is inflated in one piece, which is faster. */
const MAX_AT_ONCE_BYTES = 1024 * 1024;

/** The content of an entry, piece by piece, exactly as long as the directory says. Its checksum is nobody's business here: digests are. */
export async function* entryContent(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const name = JSON.stringify(entry.name);
  if (entry.unread !== undefined) throw broken(`zip: ${name} cannot be read`);
  const offset = await dataOffset(source, entry);
  if (entry.method === STORED) {
    yield* piecesOf(source, offset, offset + entry.bytes);
    return;
  }
  if (entry.bytes <= MAX_AT_ONCE_BYTES && entry.compressedBytes <= MAX_AT_ONCE_BYTES) {
    yield inflateAtOnce(await source.read(offset, entry.compressedBytes), entry);
    return;
  }
  let left = entry.bytes;
  for await (const piece of inflated(source, offset, entry)) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw broken(`zip: ${name} does not inflate to ${entry.bytes} bytes`);
}

/** Behind the local header, which was compared with the directory when the archive was opened. */
async function dataOffset(source: ByteSource, entry: ZipEntry): Promise<number> {
  const extraLength = Buffer.from(await source.read(entry.headerOffset + EXTRA_LENGTH_AT, 2)).readUInt16LE(0);
  return entry.headerOffset + HEADER_BYTES + entry.nameBytes.length + extraLength;
}

function inflateAtOnce(data: Uint8Array, { name, bytes }: ZipEntry): Uint8Array {
  try {
    const content = inflateRawSync(data, { maxOutputLength: Math.max(1, bytes), chunkSize: Math.max(MIN_CHUNK_BYTES, bytes) });
    if (content.length === bytes) return content;
  } catch (cause) {
    throw broken(`zip: ${JSON.stringify(name)} does not inflate to ${bytes} bytes`, cause);
  }
  throw broken(`zip: ${JSON.stringify(name)} does not inflate to ${bytes} bytes`);
}

async function* inflated(
  source: ByteSource,
  offset: number,
  { name, compressedBytes }: ZipEntry,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: INFLATED_PIECE_BYTES });
  const input = Readable.from(piecesOf(source, offset, offset + compressedBytes), { objectMode: true, highWaterMark: 1 });
  // Errors reach the reader through the iteration below; the callback only keeps them from being unhandled.
  pipeline(input, inflate, () => {});
  try {
    for await (const piece of inflate) yield piece as Uint8Array;
  } catch (thrown) {
    throw isInflateError(thrown) ? broken(`zip: ${JSON.stringify(name)} does not inflate`, thrown) : thrown;
  } finally {
    inflate.destroy();
    input.destroy();
  }
}

/** Of the bytes; anything else is of the source. */
function isInflateError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && String(thrown.code).startsWith("Z_");
}
