import { type ByteSource, memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { openCompressed, parseCompression } from "../compression/decmpfs.ts";
import type { ApfsCatalog, NameRecord } from "./catalog.ts";
import type { Blocks } from "./object.ts";
import type { AttributeValue, Inode } from "./record-values.ts";
import { openStream } from "./stream.ts";

const ROOT = 2;
const ROOT_PARENT = 1;
const MAX_FOLDER_DEPTH = 64;

export interface ApfsFile {
  readonly path: string;
  readonly bytes: number;
  readonly id: number;
}

export interface ApfsFiles {
  readonly files: readonly ApfsFile[];
  open(file: ApfsFile): ByteSource;
}

/** The regular files of a catalogue by path, and their content. */
export function openFiles(blocks: Blocks, catalog: ApfsCatalog, budget: Budget): ApfsFiles {
  const streamOf = (stream: number, bytes: number): ByteSource => openStream(blocks, bytes, catalog.extents.get(stream) ?? []);
  return {
    files: catalog.files.flatMap((record) => {
      const inode = catalog.inodes.get(record.id);
      const path = pathOf(record, catalog.folders);
      if (inode?.isRegular !== true || path === undefined) return [];
      return [{ path, bytes: bytesOf(inode, catalog.compressions.get(record.id)), id: record.id }];
    }),
    open({ id }) {
      const inode = catalog.inodes.get(id);
      if (inode === undefined) throw broken(`apfs: there is no file ${id}`);
      if (!inode.isCompressed) return streamOf(inode.stream, inode.bytes);
      const attribute = catalog.compressions.get(id);
      if (attribute === undefined || !("data" in attribute)) throw broken("apfs: a compressed file does not say how");
      const fork = catalog.resourceForks.get(id);
      return openCompressed(parseCompression(attribute.data), fork === undefined ? undefined : openAttribute(fork, streamOf), budget);
    },
  };
}

function bytesOf(inode: Inode, compression: AttributeValue | undefined): number {
  if (!inode.isCompressed || compression === undefined || !("data" in compression)) return inode.bytes;
  return parseCompression(compression.data).bytes;
}

function openAttribute(value: AttributeValue, streamOf: (stream: number, bytes: number) => ByteSource): ByteSource {
  return "data" in value ? memorySource(value.data) : streamOf(value.stream, value.bytes);
}

/** Undefined when its folders lead nowhere or in a circle. */
function pathOf(record: NameRecord, folders: ReadonlyMap<number, NameRecord>): string | undefined {
  const parts = [record.name];
  let { parent } = record;
  while (parent !== ROOT && parent !== ROOT_PARENT) {
    const folder = folders.get(parent);
    if (folder === undefined || parts.length > MAX_FOLDER_DEPTH) return undefined;
    parts.unshift(folder.name);
    ({ parent } = folder);
  }
  return parts.join("/");
}
