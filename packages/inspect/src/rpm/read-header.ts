// The header structure of rpm: a fixed start, an index of tags, and a store of values. A package has two: signatures, then the package's own.
// Followed: rpm.org, "RPM V4 Package format" and "RPM V6 Package format".
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

const MAGIC = 0x8eade801;
const START_BYTES = 16;
const ROW_BYTES = 16;
/** rpm's own limit is 65,535 tags; its limit for the store is 256 MiB. */
const MAX_TAGS = 65_535;
const MAX_STORE_BYTES = 32 * 1024 * 1024;
const MAX_TEXT_BYTES = 256 * 1024;
const [INT8, INT16, INT32, INT64, TEXT, BINARY, TEXTS, LOCALIZED] = [2, 3, 4, 5, 6, 7, 8, 9];
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [INT8, 1],
  [INT16, 2],
  [INT32, 4],
  [INT64, 8],
  [BINARY, 1],
]);

export interface RpmHeader {
  /** Bytes of the whole structure. */
  readonly bytes: number;
  has(tag: number): boolean;
  /** The first value when it is text. Of localized text the first is in English. */
  text(tag: number): string | undefined;
  texts(tag: number): readonly string[];
  numbers(tag: number): readonly number[];
  /** Number of values. */
  count(tag: number): number;
}

interface Row {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

export async function readRpmHeader(source: ByteSource, offset: number): Promise<RpmHeader> {
  if (offset + START_BYTES > source.size) throw broken("rpm: the file ends before its header");
  const start = new ByteReader(await source.read(offset, START_BYTES), { littleEndian: false });
  if (start.u32() !== MAGIC) throw broken("rpm: a header does not begin as one");
  const [tags, storeBytes] = [start.skip(4).u32(), start.u32()];
  if (tags === 0 || tags > MAX_TAGS || storeBytes > MAX_STORE_BYTES) throw broken(`rpm: a header of ${tags} tags and ${storeBytes} bytes`);
  const bytes = START_BYTES + tags * ROW_BYTES + storeBytes;
  if (offset + bytes > source.size) throw broken("rpm: a header is cut short");
  const content = await source.read(offset + START_BYTES, bytes - START_BYTES);
  return parse(content, tags, bytes);
}

function parse(content: Uint8Array, tags: number, bytes: number): RpmHeader {
  const index = new ByteReader(content, { littleEndian: false });
  const store = content.subarray(tags * ROW_BYTES);
  const rows = new Map<number, Row>();
  for (let count = 0; count < tags; count += 1) {
    const [tag, row] = [index.u32(), { type: index.u32(), offset: index.u32(), count: index.u32() }];
    const width = WIDTHS.get(row.type) ?? 1;
    if (row.type > LOCALIZED || row.count === 0 || row.offset + row.count * width > store.length)
      throw broken(`rpm: tag ${tag} lies outside its header`);
    // rpm takes the first of two.
    if (!rows.has(tag)) rows.set(tag, row);
  }
  const texts = (tag: number): readonly string[] => {
    const row = rows.get(tag);
    return row !== undefined && [TEXT, TEXTS, LOCALIZED].includes(row.type) ? readTexts(store, row) : [];
  };
  return {
    bytes,
    has: (tag) => rows.has(tag),
    text: (tag) => texts(tag)[0] || undefined,
    texts,
    numbers(tag) {
      const row = rows.get(tag);
      return row === undefined ? [] : readNumbers(store, row);
    },
    count: (tag) => rows.get(tag)?.count ?? 0,
  };
}

function readTexts(store: Uint8Array, { type, offset, count }: Row): readonly string[] {
  const texts: string[] = [];
  let at = offset;
  for (let index = 0; index < (type === TEXT ? 1 : count); index += 1) {
    const end = store.indexOf(0, at);
    if (end === -1) throw broken("rpm: a text does not end");
    if (end - at > MAX_TEXT_BYTES) throw broken(`rpm: a text of ${end - at} bytes`);
    texts.push(decode(store.subarray(at, end)));
    at = end + 1;
  }
  return texts;
}

/** UTF-8 for two decades now; before that whatever the packager used. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("latin1");
  }
}

function readNumbers(store: Uint8Array, { type, offset, count }: Row): readonly number[] {
  const reader = new ByteReader(store, { littleEndian: false }).seek(offset);
  if (type === INT64) return Array.from({ length: count }, () => reader.u64());
  if (type === INT32) return Array.from({ length: count }, () => reader.u32());
  if (type === INT16) return Array.from({ length: count }, () => reader.u16());
  return type === INT8 ? Array.from({ length: count }, () => reader.u8()) : [];
}
