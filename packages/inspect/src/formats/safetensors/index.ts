// Tensors in safetensors: the length of a JSON object, the object, the tensors' bytes. Followed: huggingface/safetensors, README, "Format",
// and its Rust reader, which refuses holes, overlaps and bytes behind the last tensor.
import { ByteReader, type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { isObject, parseJsonObject, textsOf } from "../../json/parse-json.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";

/** The format's own limit is 100 MB. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** Trainers write their whole configuration in here; facts are kept in a database. */
const MAX_METADATA_LENGTH = 4096;
const MAX_METADATA_FIELDS = 256;
const BITS: ReadonlyMap<string, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"].map((name) => [name, 8] as const),
  ...["U16", "I16", "F16", "BF16"].map((name) => [name, 16] as const),
  ...["U32", "I32", "F32"].map((name) => [name, 32] as const),
  ...["U64", "I64", "F64", "C64"].map((name) => [name, 64] as const),
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
]);

export const safetensors: Inspector = {
  id: "safetensors",
  factsVersion: 1,
  extensions: [".safetensors"],
  sniff({ head, name }) {
    const isOne = head.length > 16 && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0);
    if (isOne && /^\{\s*"[^"]*"\s*:\s*\{\s*"/.test(Buffer.from(head.subarray(8, 200)).toString("latin1"))) return "yes";
    return name.endsWith(".safetensors") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectSafetensors(limitSource(source, limits.maxReadBytes), limits)),
};

interface Tensor {
  readonly type: string;
  readonly values: number;
  readonly start: number;
  readonly end: number;
}

async function inspectSafetensors(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  if (source.size < 8) throw broken("safetensors: the file is cut short");
  const headerBytes = new ByteReader(await source.read(0, 8), { littleEndian: true }).u64();
  if (headerBytes > MAX_HEADER_BYTES || headerBytes + 8 > source.size) throw broken(`safetensors: a header of ${headerBytes} bytes`);
  const { __metadata__: metadata, ...described } = parseJsonObject(
    await source.read(8, headerBytes),
    limits.maxDepth,
    "safetensors: the header",
  );
  const tensors = Object.values(described).map(parseTensor);
  checkPlaces(tensors, source.size - 8 - headerBytes);
  const short = Object.entries(textsOf(metadata) ?? {}).filter(([, text]) => text.length <= MAX_METADATA_LENGTH);
  const texts = Object.fromEntries(short.slice(0, MAX_METADATA_FIELDS));
  const types = new Map<string, number>();
  for (const { type } of tensors) types.set(type, (types.get(type) ?? 0) + 1);
  return {
    format: safetensors.id,
    factsVersion: safetensors.factsVersion,
    platform: "any",
    architectures: ["any"],
    ...present({ name: texts["modelspec.title"] }),
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {
      tensors: tensors.length,
      parameters: tensors.reduce((sum, { values }) => sum + values, 0),
      tensorTypes: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
      metadata: texts,
      ...present({ license: texts["license"] ?? texts["modelspec.license"], modelArchitecture: texts["modelspec.architecture"] }),
    },
  };
}

function parseTensor(value: unknown): Tensor {
  if (!isObject(value)) throw broken("safetensors: a tensor is not described");
  const { dtype: type, shape, data_offsets: places } = value;
  const isCount = (item: unknown): item is number => Number.isSafeInteger(item) && (item as number) >= 0;
  if (typeof type !== "string" || !Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(places) || !places.every(isCount))
    throw broken("safetensors: a tensor's description is damaged");
  const [start, end] = places as readonly (number | undefined)[];
  const values = (shape as readonly number[]).reduce((product, size) => product * size, 1);
  if (start === undefined || end === undefined || places.length !== 2 || end < start || !Number.isSafeInteger(values))
    throw broken("safetensors: a tensor's place is damaged");
  const bits = BITS.get(type);
  if (bits !== undefined && values * bits !== (end - start) * 8) throw broken("safetensors: a tensor's shape does not fill its place");
  return { type, values, start, end };
}

/** One after the other, without holes, to the end of the file. */
function checkPlaces(tensors: readonly Tensor[], dataBytes: number): void {
  let at = 0;
  for (const { start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at) throw broken("safetensors: tensors overlap or leave a hole");
    at = end;
  }
  if (at !== dataBytes) throw broken(`safetensors: the tensors take ${at} bytes, there are ${dataBytes}`);
}
