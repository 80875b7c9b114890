import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { hasRightChecksum } from "./checksum.ts";

const HEADER_BYTES = 32;
const TYPE_MASK = 0xffff;

export const OBJECT = { container: 1, treeRoot: 2, treeNode: 3, objectMap: 0xb, volume: 0xd } as const;

/** A container, block by block. */
export interface Blocks {
  readonly source: ByteSource;
  readonly blockBytes: number;
}

/** The block at `address`, which MUST be an object of one of these kinds with a right checksum. The reader stands behind its header. */
export async function readObject({ source, blockBytes }: Blocks, address: number, kinds: readonly number[]): Promise<ByteReader> {
  const bytes = await source.read(address * blockBytes, blockBytes);
  const kind = objectKind(bytes);
  if (!kinds.includes(kind)) throw broken(`apfs: an object of kind ${kind} where one of kind ${kinds.join(" or ")} should be`);
  if (!hasRightChecksum(bytes)) throw broken("apfs: an object's checksum is wrong");
  return new ByteReader(bytes, { littleEndian: true }).seek(HEADER_BYTES);
}

export function objectKind(bytes: Uint8Array): number {
  return new ByteReader(bytes, { littleEndian: true }).seek(24).u32() & TYPE_MASK;
}

/** The transaction that wrote an object. */
export function transactionOf(reader: ByteReader): number {
  const at = reader.offset;
  const transaction = reader.seek(16).u64();
  reader.seek(at);
  return transaction;
}
