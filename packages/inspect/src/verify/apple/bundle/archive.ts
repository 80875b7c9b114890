// The files of an archive, passed over from front to back as often as needed. A tar can only be read so; of a zip each file is inflated as
// it goes. Nothing is unpacked.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../../broken.ts";
import { createBudget } from "../../../budget.ts";
import { openStream } from "../../../compression/decompress.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { ByteStream } from "../../../stream/byte-stream.ts";
import { readTar } from "../../../tar/read-tar.ts";
import { openZip } from "../../../zip/open-zip.ts";
import { readEndRecord } from "../../../zip/end-record.ts";

/** A package that claims more is not looked through. */
const LIMITS = { ...DEFAULT_LIMITS, maxInflatedBytes: 16 * 1024 ** 3 };
const RECORD_BYTES = 46;
const KIND_MASK = 0xf000;
const SYMLINK = 0xa000;
const REGULAR = 0x8000;
const MAX_TARGET_BYTES = 4096;
const MAX_PADDING_BYTES = 64 * 1024;
/** `version made by`: Unix, macOS. */
const UNIX: readonly number[] = [3, 19];

export type FileKind = "file" | "symlink" | "folder" | "other";

export interface ArchiveFile {
  /** Relative; a folder's without the slash at its end. */
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: number;
  /** Of a symlink. */
  readonly target?: string;
}

export interface Archive {
  readonly files: readonly ArchiveFile[];
  /** One pass over the wanted files, in the order of the archive. `visit` reads a source that only goes forward. */
  pass(want: (path: string) => boolean, visit: (path: string, source: ByteSource) => Promise<void>): Promise<void>;
}

export async function openArchive(source: ByteSource): Promise<Archive> {
  const magic = await source.read(0, Math.min(2, source.size));
  const archive = await (magic[0] === 0x50 && magic[1] === 0x4b ? openZipArchive(source) : openTarArchive(source));
  checkPaths(archive.files);
  return archive;
}

async function openZipArchive(source: ByteSource): Promise<Archive> {
  const zip = await openZip(source, LIMITS, { contiguous: false });
  const modes = await readModes(source, zip.entries.length);
  const files: ArchiveFile[] = [];
  for (const [index, entry] of zip.entries.entries()) {
    const mode = (modes[index] ?? 0) & KIND_MASK;
    if (entry.name.endsWith("/")) files.push({ path: entry.name.replace(/\/+$/, ""), kind: "folder", bytes: 0 });
    else if (mode === SYMLINK) {
      if (entry.bytes > MAX_TARGET_BYTES) throw broken(`zip: a link of ${entry.bytes} bytes`);
      const target = Buffer.from(await zip.read(entry)).toString("utf8");
      files.push({ path: entry.name, kind: "symlink", bytes: entry.bytes, target });
    } else files.push({ path: entry.name, kind: mode === 0 || mode === REGULAR ? "file" : "other", bytes: entry.bytes });
  }
  return {
    files,
    async pass(want, visit) {
      for (const entry of zip.entries) {
        if (entry.name.endsWith("/") || !want(entry.name)) continue;
        const content = zip.forward(entry);
        try {
          await visit(entry.name, content);
        } finally {
          await content.close();
        }
      }
    },
  };
}

/** Modes of Unix, in the order of the directory; 0 where another system wrote the entry. */
async function readModes(source: ByteSource, count: number): Promise<readonly number[]> {
  const { directoryOffset, directoryBytes } = await readEndRecord(source);
  const reader = new ByteReader(await source.read(directoryOffset, directoryBytes), { littleEndian: true });
  return Array.from({ length: count }, () => {
    const at = reader.offset;
    const system = reader.skip(5).u8();
    const lengths = reader.seek(at + 28);
    const variable = lengths.u16() + lengths.u16() + lengths.u16();
    const attributes = reader.seek(at + 38).u32();
    reader.seek(at + RECORD_BYTES).skip(variable);
    return UNIX.includes(system) ? attributes >>> 16 : 0;
  });
}

async function openTarArchive(source: ByteSource): Promise<Archive> {
  const files: ArchiveFile[] = [];
  const each = async (visit: (file: ArchiveFile, stream: ByteStream) => Promise<void>): Promise<void> => {
    const stream = await openStream(source, createBudget(LIMITS.maxInflatedBytes));
    try {
      for await (const { path, type, bytes, target } of readTar(stream, LIMITS.maxEntries)) {
        const kind = type === "file" || type === "symlink" || type === "folder" ? type : "other";
        await visit({ path: path.replace(/\/+$/, ""), kind, bytes, ...(target !== undefined && { target }) }, stream);
      }
      // Behind the archive lies padding, and then what tells whether the compressed data is whole.
      if (stream.codec !== undefined) await stream.takeUpTo(MAX_PADDING_BYTES);
    } finally {
      await stream.close();
    }
  };
  await each(async (file) => {
    files.push(file);
    if (files.length > LIMITS.maxEntries) throw broken(`tar: more than ${LIMITS.maxEntries} entries`);
  });
  return {
    files,
    async pass(want, visit) {
      await each(async ({ path, kind, bytes }, stream) => {
        if (kind === "file" && want(path)) await visit(path, forwardOf(stream, bytes));
      });
    },
  };
}

/** The next bytes of a stream as a source that only goes forward. */
function forwardOf(stream: ByteStream, bytes: number): ByteSource {
  const start = stream.position;
  return {
    size: bytes,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes)
        throw broken(`bytes ${offset}+${length} lie outside the ${bytes} bytes there are`);
      if (start + offset < stream.position) throw broken("the archive refers backwards");
      await stream.skip(start + offset - stream.position);
      return stream.take(length);
    },
  };
}

/** Each path once, and none below a link: programs would unpack it elsewhere. */
export function checkPaths(files: readonly ArchiveFile[]): void {
  const kinds = new Map<string, FileKind>();
  for (const { path, kind } of files) {
    const before = kinds.get(path);
    if (before !== undefined && !(before === "folder" && kind === "folder")) throw broken(`two files are called ${JSON.stringify(path)}`);
    kinds.set(path, kind);
  }
  const checked = new Set<string>();
  for (const path of kinds.keys()) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      if (checked.has(folder)) break;
      checked.add(folder);
      const kind = kinds.get(folder);
      if (kind !== undefined && kind !== "folder")
        throw broken(`${JSON.stringify(path)} lies below ${JSON.stringify(folder)}, which is no folder`);
    }
  }
}
