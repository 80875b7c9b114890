import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

const ZIP64 = 0x0001;
const SEE_EXTRA = 0xffffffff;

/**
 * The real numbers behind 32-bit fields (plain size, compressed size and, in the directory, offset). APPNOTE 4.5.3: the extra field holds,
 * in that order, only those whose small field is all ones.
 */
export function resolveZip64(
  fields: readonly [number, number, number],
  extra: Uint8Array,
  name: string,
): readonly [number, number, number] {
  if (!fields.includes(SEE_EXTRA)) return fields;
  const reader = new ByteReader(findZip64(extra, name), { littleEndian: true });
  const [plain, compressed, offset] = fields.map((field) => (field === SEE_EXTRA ? reader.u64() : field));
  return [plain as number, compressed as number, offset as number];
}

function findZip64(extra: Uint8Array, name: string): Uint8Array {
  const reader = new ByteReader(extra, { littleEndian: true });
  while (reader.left >= 4) {
    const id = reader.u16();
    const body = reader.take(reader.u16());
    if (id === ZIP64) return body;
  }
  throw broken(`zip: ${JSON.stringify(name)} points to a zip64 field that is not there`);
}
