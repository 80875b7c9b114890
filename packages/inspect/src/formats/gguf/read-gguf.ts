import { ByteReader, type ByteSource, decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";
import { type ByteStream, streamOf } from "../../stream/byte-stream.ts";
import { TENSOR_TYPES } from "./tensor-types.ts";

const VERSIONS: readonly number[] = [2, 3];
const MAX_PAIRS = 10_000;
const MAX_TENSORS = 200_000;
const MAX_KEY_BYTES = 65_535;
const MAX_TEXT_BYTES = 1024 * 1024;
/** Texts in lists, together: vocabularies have some 100,000. */
const MAX_LISTED_TEXTS = 2_000_000;
const MAX_LIST_DEPTH = 4;
const MAX_DIMENSIONS = 8;
const WIDTHS: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const [TEXT, LIST] = [8, 9];

export interface GgufHeader {
  readonly version: number;
  readonly tensorCount: number;
  /** Values of all tensors together. */
  readonly parameters: number;
  readonly tensorTypes: ReadonlyMap<string, number>;
  /** Numbers and texts; lists and truth values are left out. */
  readonly pairs: ReadonlyMap<string, string | number>;
}

export async function readGguf(source: ByteSource): Promise<GgufHeader> {
  const stream = streamOf(source);
  const magic = Buffer.from(await stream.take(4)).toString("latin1");
  if (magic !== "GGUF") throw broken("gguf: not a model");
  const versionBytes = await stream.take(4);
  // Models for big-endian machines are written big-endian; the version tells.
  const littleEndian = versionBytes[0] !== 0;
  const numbers = createNumbers(stream, littleEndian);
  const version = new ByteReader(versionBytes, { littleEndian }).u32();
  if (!VERSIONS.includes(version)) throw broken(`gguf: version ${version}; 2 and 3 are read`);
  const [tensorCount, pairCount] = [await numbers.u64(), await numbers.u64()];
  if (tensorCount > MAX_TENSORS || pairCount > MAX_PAIRS) throw broken(`gguf: ${tensorCount} tensors and ${pairCount} pairs`);
  const pairs = new Map<string, string | number>();
  const texts = { left: MAX_LISTED_TEXTS };
  for (let index = 0; index < pairCount; index += 1) {
    const key = await readText(stream, numbers, MAX_KEY_BYTES);
    const value = await readValue(stream, numbers, await numbers.u32(), texts);
    if (pairs.has(key)) throw broken(`gguf: ${JSON.stringify(key.slice(0, 80))} stands there twice`);
    if (value !== undefined) pairs.set(key, value);
  }
  return { version, tensorCount, pairs, ...(await readTensors(source, stream, numbers, { tensorCount, pairs })) };
}

interface Numbers {
  u32(): Promise<number>;
  u64(): Promise<number>;
  of(type: number): Promise<number>;
}

function createNumbers(stream: ByteStream, littleEndian: boolean): Numbers {
  const take = async (length: number): Promise<ByteReader> => new ByteReader(await stream.take(length), { littleEndian });
  return {
    u32: async () => (await take(4)).u32(),
    u64: async () => (await take(8)).u64(),
    async of(type) {
      const width = WIDTHS[type] as number;
      const bytes = await stream.take(width);
      const view = new DataView(bytes.buffer, bytes.byteOffset, width);
      if (type === 6) return view.getFloat32(0, littleEndian);
      if (type === 12) return view.getFloat64(0, littleEndian);
      if (width === 8) return Number(type === 10 ? view.getBigUint64(0, littleEndian) : view.getBigInt64(0, littleEndian));
      const signed = type === 1 || type === 3 || type === 5;
      if (width === 4) return signed ? view.getInt32(0, littleEndian) : view.getUint32(0, littleEndian);
      if (width === 2) return signed ? view.getInt16(0, littleEndian) : view.getUint16(0, littleEndian);
      return signed ? view.getInt8(0) : view.getUint8(0);
    },
  };
}

async function readText(stream: ByteStream, numbers: Numbers, maxBytes: number): Promise<string> {
  const bytes = await numbers.u64();
  if (bytes > maxBytes) throw broken(`gguf: a text of ${bytes} bytes`);
  return decodeUtf8(await stream.take(bytes));
}

async function readValue(
  stream: ByteStream,
  numbers: Numbers,
  type: number,
  texts: { left: number },
): Promise<string | number | undefined> {
  if (type === TEXT) return readText(stream, numbers, MAX_TEXT_BYTES);
  if (type === LIST) return skipList(stream, numbers, texts, MAX_LIST_DEPTH);
  if ((WIDTHS[type] ?? 0) === 0) throw broken(`gguf: a value of unknown type ${type}`);
  const value = await numbers.of(type);
  return type === 7 || !Number.isFinite(value) ? undefined : value;
}

async function skipList(stream: ByteStream, numbers: Numbers, texts: { left: number }, depth: number): Promise<undefined> {
  const type = await numbers.u32();
  const count = await numbers.u64();
  const width = WIDTHS[type] ?? 0;
  if (width > 0) {
    await stream.skip(count * width);
    return undefined;
  }
  if ((type !== TEXT && type !== LIST) || depth === 0) throw broken("gguf: a list of unknown things");
  if (count > texts.left) throw broken(`gguf: lists of more than ${MAX_LISTED_TEXTS} texts`);
  texts.left -= count;
  for (let index = 0; index < count; index += 1) {
    if (type === LIST) await skipList(stream, numbers, texts, depth - 1);
    else await stream.skip(await numbers.u64());
  }
  return undefined;
}

async function readTensors(
  source: ByteSource,
  stream: ByteStream,
  numbers: Numbers,
  { tensorCount, pairs }: Pick<GgufHeader, "tensorCount" | "pairs">,
): Promise<Pick<GgufHeader, "parameters" | "tensorTypes">> {
  const tensorTypes = new Map<string, number>();
  let parameters = 0;
  let dataBytes = 0;
  for (let index = 0; index < tensorCount; index += 1) {
    await readText(stream, numbers, MAX_KEY_BYTES);
    const dimensions = await numbers.u32();
    if (dimensions > MAX_DIMENSIONS) throw broken(`gguf: a tensor of ${dimensions} dimensions`);
    let values = 1;
    for (let dimension = 0; dimension < dimensions; dimension += 1) values *= await numbers.u64();
    const type = await numbers.u32();
    const offset = await numbers.u64();
    const [name, perBlock, blockBytes] = TENSOR_TYPES.get(type) ?? [`type-${type}`, 1, 0];
    parameters += values;
    dataBytes = Math.max(dataBytes, offset + (values / perBlock) * blockBytes);
    tensorTypes.set(name, (tensorTypes.get(name) ?? 0) + 1);
  }
  const alignment = pairs.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 1 || alignment > 65_536)
    throw broken("gguf: the alignment is damaged");
  const dataOffset = Math.ceil(stream.position / alignment) * alignment;
  if (!Number.isSafeInteger(parameters) || !(dataBytes <= Number.MAX_SAFE_INTEGER)) throw broken("gguf: the tensors' sizes are damaged");
  if (dataBytes > 0 && dataOffset + dataBytes > source.size)
    throw broken(`gguf: its tensors end at ${dataOffset + dataBytes}, the file at ${source.size}`);
  return { parameters, tensorTypes };
}
