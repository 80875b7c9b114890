// xar, the archive of macOS installers: a big-endian header, a table of contents as zlib-compressed XML, and a heap that holds what the
// table points to, the table's own checksum and the signature included. Followed: the xar project's file format page.
import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { type Budget, createBudget } from "../budget.ts";
import type { InspectLimits } from "../limits.ts";
import { childNamed, childrenNamed, childText, parseXml, type XmlElement } from "../xml/parse-xml.ts";

const MAGIC = 0x78617221;
const HEADER_BYTES = 28;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
/** Table elements around the files' own, two per level of folders. */
const TABLE_DEPTH = 160;
const VERSION = 1;
/** How headers number them; what came later is "other", or has a number since. */
const CHECKSUM_KINDS: Readonly<Record<string, readonly number[]>> = { none: [0], sha1: [1], md5: [2], sha256: [3], sha512: [3, 4] };
const CHECKSUM_STYLES = ["md5", "sha1", "sha256", "sha512"] as const;

export interface XarFile {
  /** From the top, joined by slashes. */
  readonly path: string;
  readonly type: string;
  readonly data?: XarData;
}

export interface XarData {
  /** In the heap. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly encoding: string;
  /** Of what is stored; absent: nobody said. */
  readonly checksum?: XarChecksum;
}

export interface XarChecksum {
  readonly style: string;
  /** Hexadecimal, in lower case. */
  readonly value: string;
}

/** The table's own checksum: what signatures are over. */
export interface TableChecksum {
  readonly style: (typeof CHECKSUM_STYLES)[number];
  /** As it is. */
  readonly digest: Uint8Array;
  /** The one in the heap is the same. */
  readonly isRight: boolean;
}

export interface Xar {
  readonly files: readonly XarFile[];
  /** The table's root, for what it says besides files. */
  readonly table: XmlElement;
  /** The table as it is stored: what its checksum is of. */
  readonly tableBytes: Uint8Array;
  /** Undefined: it has none. */
  readonly checksum: TableChecksum | undefined;
  /** The header is of the version that is known, and names the kind of checksum that the table has. */
  readonly headerAgrees: boolean;
  /** Where the heap begins, in the file. */
  readonly heapAt: number;
  read(file: XarFile, maxBytes: number): Promise<Uint8Array>;
  readHeap(offset: number, bytes: number): Promise<Uint8Array>;
  /** Where the last thing in the heap ends, in the file. */
  readonly end: number;
}

export function isXar(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && new ByteReader(head, { littleEndian: false }).u32() === MAGIC;
}

/** Refuses an archive whose table is not the one its checksum is of. */
export async function openXar(source: ByteSource, limits: InspectLimits): Promise<Xar> {
  const xar = await readXar(source, limits);
  if (xar.checksum?.isRight === false) throw broken("xar: the checksum of the table of contents is wrong");
  return xar;
}

/** The same, whatever its checksum says. */
export async function readXar(source: ByteSource, limits: InspectLimits): Promise<Xar> {
  const header = new ByteReader(await source.read(0, Math.min(HEADER_BYTES, source.size)), { littleEndian: false });
  if (header.u32() !== MAGIC) throw broken("xar: not one");
  const [headerBytes, version] = [header.u16(), header.u16()];
  const [stored, bytes, checksumKind] = [header.u64(), header.u64(), header.u32()];
  if (headerBytes < HEADER_BYTES) throw broken(`xar: a header of ${headerBytes} bytes`);
  if (stored > MAX_TABLE_BYTES || bytes > MAX_TABLE_BYTES) throw broken(`xar: a table of contents of ${Math.max(stored, bytes)} bytes`);
  const budget = createBudget(limits.maxInflatedBytes);
  const compressed = await source.read(headerBytes, stored);
  const root = parseXml(inflate(compressed, bytes, budget, "the table of contents"), TABLE_DEPTH, "the table of contents");
  const table = childNamed(root, "toc");
  if (root.name !== "xar" || table === undefined) throw broken("xar: the table of contents is another document");
  const heapAt = headerBytes + stored;
  const readHeap = async (offset: number, length: number): Promise<Uint8Array> => source.read(heapAt + offset, length);
  const checksum = await readChecksum(table, compressed, readHeap);
  const agrees = version === VERSION && (CHECKSUM_KINDS[checksum?.style ?? "none"] ?? []).includes(checksumKind);
  const files: XarFile[] = [];
  collectFiles(table, "", files, limits);
  return {
    files,
    table,
    tableBytes: compressed,
    checksum,
    headerAgrees: agrees,
    heapAt,
    readHeap,
    end: heapAt + Math.max(0, ...endsOf(table), ...files.map(({ data }) => (data === undefined ? 0 : data.offset + data.storedBytes))),
    async read({ path, data }, maxBytes) {
      if (data === undefined) throw broken(`xar: ${JSON.stringify(path)} has no content`);
      if (data.bytes > maxBytes || data.storedBytes > maxBytes)
        throw broken(`${path} claims ${data.bytes} bytes, at most ${maxBytes} are read`);
      const content = await readHeap(data.offset, data.storedBytes);
      if (data.encoding === "application/octet-stream") return content;
      if (data.encoding !== "application/x-gzip")
        throw broken(`xar: ${JSON.stringify(path)} is compressed with ${data.encoding.slice(0, 60)}`);
      return inflate(content, data.bytes, budget, JSON.stringify(path));
    },
  };
}

function inflate(data: Uint8Array, bytes: number, budget: Budget, what: string): Uint8Array {
  budget.spend(bytes, what);
  let content: Uint8Array;
  try {
    content = inflateSync(data, { maxOutputLength: Math.max(1, bytes) });
  } catch (cause) {
    throw broken(`xar: ${what} does not inflate to ${bytes} bytes`, cause);
  }
  if (content.length !== bytes) throw broken(`xar: ${what} is not ${bytes} bytes`);
  return content;
}

/** The checksum is of the compressed table: what a signature covers. */
async function readChecksum(table: XmlElement, compressed: Uint8Array, readHeap: Xar["readHeap"]): Promise<TableChecksum | undefined> {
  const checksum = childNamed(table, "checksum");
  const stated = checksum?.attributes["style"]?.toLowerCase() ?? "none";
  if (checksum === undefined || stated === "none") return undefined;
  const style = CHECKSUM_STYLES.find((known) => known === stated);
  if (style === undefined) throw broken(`xar: a checksum of an unknown kind: ${stated.slice(0, 40)}`);
  const digest = createHash(style).update(compressed).digest();
  const size = numberOf(childText(checksum, "size"));
  const isRight = size === digest.length && digest.equals(await readHeap(numberOf(childText(checksum, "offset")), size));
  return { style, digest, isRight };
}

function endsOf(table: XmlElement): readonly number[] {
  const places = ["checksum", "signature", "x-signature"].flatMap((name) => childrenNamed(table, name));
  return places.map((place) => numberOf(childText(place, "offset")) + numberOf(childText(place, "size")));
}

/** Files lie inside the folders that hold them; depth is bounded by the XML's. */
function collectFiles(parent: XmlElement, folder: string, found: XarFile[], limits: InspectLimits): void {
  for (const element of childrenNamed(parent, "file")) {
    if (found.length === limits.maxEntries) throw broken(`xar: more than ${limits.maxEntries} files`);
    const path = `${folder}${nameOf(element)}`;
    const data = childNamed(element, "data");
    const type = childText(element, "type") ?? "file";
    found.push(data === undefined ? { path, type } : { path, type, data: parseData(data) });
    collectFiles(element, `${path}/`, found, limits);
  }
}

function nameOf(element: XmlElement): string {
  const name = childNamed(element, "name");
  const text = name?.attributes["enctype"] === "base64" ? Buffer.from(name.text, "base64").toString("utf8") : (name?.text ?? "");
  if (text === "" || text === "." || text === ".." || /[/\0]/.test(text))
    throw broken(`xar: a file is called ${JSON.stringify(text.slice(0, 80))}`);
  return text;
}

function parseData(data: XmlElement): XarData {
  const checksum = childNamed(data, "archived-checksum");
  return {
    offset: numberOf(childText(data, "offset")),
    storedBytes: numberOf(childText(data, "length")),
    bytes: numberOf(childText(data, "size")),
    encoding: childNamed(data, "encoding")?.attributes["style"] ?? "application/octet-stream",
    ...(checksum && { checksum: { style: checksum.attributes["style"]?.toLowerCase() ?? "", value: checksum.text.trim().toLowerCase() } }),
  };
}

export function numberOf(text: string | undefined): number {
  const value = /^\d{1,15}$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw broken(`xar: ${JSON.stringify(text?.slice(0, 40) ?? "")} is no size`);
  return value;
}
