import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { DistError } from "@distd/core";
import { type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { createTarDecoder } from "modern-tar";
import xz from "xz-decompress";
import type { OpenFile } from "./open-verified.ts";
import { type FolderWriter, writeFolder } from "./folder-writer.ts";
import { unsafe } from "./safe-path.ts";

const UNIX_LINK = 0o120000;
const TYPE_BITS = 0o170000;
const MAX_LINK_BYTES = 4096;

/** Unpacks an archive into an empty folder. What would leave it, or is damaged, is `artifact/broken`; the folder is then of no use. */
export async function unpack(file: OpenFile, format: string, folder: string): Promise<void> {
  const writer = writeFolder(folder);
  try {
    await (format === "zip" ? unpackZip(file, writer) : unpackTar(file, writer));
    writer.finish();
  } catch (thrown) {
    if (thrown instanceof DistError || isOfSystem(thrown)) throw thrown;
    throw new DistError("artifact/broken", `the archive cannot be unpacked: ${(thrown as Error).message}`, { cause: thrown });
  }
}

function isOfSystem(thrown: unknown): boolean {
  return ["ENOSPC", "EACCES", "EROFS", "EMFILE", "EIO", "EDQUOT"].includes((thrown as NodeJS.ErrnoException).code ?? "");
}

async function unpackTar(file: OpenFile, writer: FolderWriter): Promise<void> {
  const entries = (await decompressed(file)).pipeThrough(createTarDecoder({ strict: true }));
  for await (const { header, body } of entries as unknown as AsyncIterable<TarEntry>) {
    const { name, type = "file", linkname = "", mode = 0o644 } = header;
    if (type === "directory") writer.folder(name);
    else if (type === "symlink") writer.link(name, linkname);
    else if (type === "file") await writer.file(name, mode, body);
    else if (!type.startsWith("pax")) throw unsafe(`the archive holds a ${type}: ${JSON.stringify(name.slice(0, 120))}`);
    if (type !== "file") await body.cancel();
  }
}

interface TarEntry {
  readonly header: { readonly name: string; readonly type?: string; readonly linkname?: string; readonly mode?: number };
  readonly body: ReadableStream<Uint8Array>;
}

/** By what it begins with; names do not decide. */
async function decompressed(file: OpenFile): Promise<ReadableStream<Uint8Array>> {
  const start = Buffer.from(await file.read(0, Math.min(6, file.bytes))).toString("hex");
  const plain = Readable.from(file.pieces());
  if (start.startsWith("1f8b")) return toWeb(plain.pipe(createGunzip()).on("error", () => plain.destroy()));
  if (start.startsWith("28b52ffd")) return toWeb(plain.pipe(createZstdDecompress()).on("error", () => plain.destroy()));
  if (start === "fd377a585a00") return new xz.XzReadableStream(toWeb(plain));
  if (start.startsWith("425a68"))
    throw new DistError("install/by-hand", "archives packed with bzip2 are not unpacked here", {
      hint: "publish it as .tar.gz, .tar.xz or .tar.zst",
    });
  return toWeb(plain);
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream);
}

class FileReader extends Reader<OpenFile> {
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    super(file);
    this.#file = file;
    this.size = file.bytes;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#file.read(index, Math.min(length, this.#file.bytes - index));
  }
}

async function unpackZip(file: OpenFile, writer: FolderWriter): Promise<void> {
  const zip = new ZipReader(new FileReader(file), { checkSignature: true, checkOverlappingEntry: true, useWebWorkers: false });
  for await (const entry of zip.getEntriesGenerator()) {
    const mode = entry.externalFileAttributes >>> 16;
    if (entry.encrypted) throw unsafe("the archive is encrypted");
    if (entry.directory) {
      writer.folder(entry.filename);
      continue;
    }
    await withContent(entry, async (content) => {
      if ((mode & TYPE_BITS) === UNIX_LINK) writer.link(entry.filename, await textOf(content));
      else await writer.file(entry.filename, mode, content);
    });
  }
  await zip.close();
}

/** Whoever of the two fails, the reader or the inflater, the other has ended before the failure is told. */
async function withContent(entry: FileEntry, use: (content: ReadableStream<Uint8Array>) => Promise<void>): Promise<void> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const inflated = entry.getData(writable);
  try {
    await Promise.all([use(readable), inflated]);
  } catch (thrown) {
    await readable.cancel().catch(() => {});
    await inflated.catch(() => {});
    throw thrown;
  }
}

async function textOf(readable: ReadableStream<Uint8Array>): Promise<string> {
  const bytes = Buffer.from(await new Response(readable).arrayBuffer());
  if (bytes.length > MAX_LINK_BYTES) throw unsafe("the archive has a link of more than 4096 bytes");
  return bytes.toString("utf8");
}
