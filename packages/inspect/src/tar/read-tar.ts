// tar: for each file a 512-byte header and its content, padded to 512; two blocks of zeros end it. Long names, sizes and links come in
// extra entries before the file they belong to: pax (x, g) and GNU (L, K). Nothing is ever unpacked. Followed: POSIX.1-2017 pax and the
// GNU tar manual, "Tar Internals". What programs unpack differently is refused: sparse files, links and folders that claim content.
import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";
import type { ByteStream } from "../stream/byte-stream.ts";
import { untilNul } from "../until-nul.ts";
import { parsePaxRecords, type PaxFields } from "./pax-records.ts";
import { BLOCK_BYTES, isZeroBlock, parseTarHeader, parseTarPath, type TarHeader } from "./tar-header.ts";

/** pax records, long names. */
const MAX_EXTRA_BYTES = 1024 * 1024;

export type TarEntryType = "file" | "folder" | "link" | "symlink" | "device";

export interface TarEntry {
  /** Relative, without `./` in front; folders end in a slash. */
  readonly path: string;
  readonly type: TarEntryType;
  readonly bytes: number;
  readonly mode: number;
  readonly target?: string;
  /** Where the content begins in the (decompressed) archive. */
  readonly offset: number;
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "link",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "device",
  "7": "file",
};

/**
 * The entries in order. While an entry is the current one, its content is next in the stream: the caller MAY take some of it; the rest is
 * skipped. Ends at the first block of zeros, or where the stream does.
 */
export async function* readTar(stream: ByteStream, maxEntries: number): AsyncGenerator<TarEntry, void, undefined> {
  let extra: PaxFields = {};
  let shared: PaxFields = {};
  for (let count = 0; ; ) {
    const block = await stream.takeUpTo(BLOCK_BYTES);
    if (block.length === 0 && count === 0) throw broken("tar: the archive is empty");
    if (block.length === 0 || (block.length === BLOCK_BYTES && isZeroBlock(block))) {
      if (Object.keys(extra).length > 0) throw broken("tar: a long name belongs to no file");
      return;
    }
    if (block.length < BLOCK_BYTES) throw broken("tar: the archive is cut short");
    const header = parseTarHeader(block);
    if ("xgLK".includes(header.type)) {
      const data = await takeExtra(stream, header);
      if (header.type === "g") shared = { ...shared, ...parsePaxRecords(data) };
      else extra = { ...extra, ...parseExtra(header.type, data) };
      count += 1;
      if (count > 2 * maxEntries) throw broken(`tar: more than ${maxEntries} entries`);
      continue;
    }
    count += 1;
    if (count > 2 * maxEntries) throw broken(`tar: more than ${maxEntries} entries`);
    const entry = toEntry(header, { ...shared, ...extra }, stream.position);
    extra = {};
    const end = stream.position + Math.ceil(entry.bytes / BLOCK_BYTES) * BLOCK_BYTES;
    yield entry;
    // A padded block may be missing after the last file.
    const rest = end - stream.position;
    const padding = end - entry.offset - entry.bytes;
    await stream.skip(Math.max(0, rest - padding));
    await stream.takeUpTo(Math.min(padding, end - stream.position));
  }
}

async function takeExtra(stream: ByteStream, header: TarHeader): Promise<Uint8Array> {
  if (header.bytes > MAX_EXTRA_BYTES) throw broken(`tar: a name or record of ${header.bytes} bytes`);
  const data = await stream.take(Math.ceil(header.bytes / BLOCK_BYTES) * BLOCK_BYTES);
  return data.subarray(0, header.bytes);
}

function parseExtra(type: string, data: Uint8Array): PaxFields {
  if (type === "L") return { path: untilNul(data) };
  return type === "K" ? { linkPath: untilNul(data) } : parsePaxRecords(data);
}

function toEntry(header: TarHeader, extra: PaxFields, offset: number): TarEntry {
  const path = parseTarPath(extra.path ?? header.name);
  const shown = JSON.stringify(path.slice(0, 80));
  if (header.type === "S") throw broken(`tar: ${shown} is a sparse file; programs differ in how they unpack it`);
  if ("MVNDX".includes(header.type)) throw broken(`tar: ${shown} is of type ${header.type}, which only some programs know`);
  // Before ustar a slash at the end was all that told a folder.
  const type = header.type === "\0" && path.endsWith("/") ? "folder" : (TYPES[header.type] ?? "file");
  const bytes = extra.bytes ?? header.bytes;
  if (type !== "file" && bytes !== 0) throw broken(`tar: ${shown} is no file and claims ${bytes} bytes of content`);
  const base = { path: type === "folder" && !path.endsWith("/") ? `${path}/` : path, type, bytes, mode: header.mode, offset } as const;
  if (type === "link") return { ...base, target: parseTarPath(extra.linkPath ?? header.linkName) };
  return type === "symlink" ? { ...base, target: decodeUtf8(extra.linkPath ?? header.linkName) } : base;
}
