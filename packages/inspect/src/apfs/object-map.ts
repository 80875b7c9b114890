import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { entriesOf } from "./btree.ts";
import { type Blocks, OBJECT, readObject } from "./object.ts";

const DELETED = 1;
const ENCRYPTED = 4;

/** Where the objects lie that others name by a number: the newest version of each that is not newer than `transaction`. */
export async function readObjectMap(blocks: Blocks, address: number, transaction: number): Promise<(object: number) => number> {
  const map = await readObject(blocks, address, [OBJECT.objectMap]);
  const tree = map.skip(16).u64();
  const places = new Map<number, { readonly written: number; readonly flags: number; readonly address: number }>();
  for await (const { key, value } of entriesOf(blocks, tree)) {
    const keyReader = new ByteReader(key, { littleEndian: true });
    const [object, written] = [keyReader.u64(), keyReader.u64()];
    const known = places.get(object);
    if (written > transaction || (known !== undefined && known.written > written)) continue;
    const valueReader = new ByteReader(value, { littleEndian: true });
    places.set(object, { written, flags: valueReader.u32(), address: valueReader.skip(4).u64() });
  }
  return (object) => {
    const place = places.get(object);
    if (place === undefined || (place.flags & DELETED) !== 0) throw broken(`apfs: there is no object ${object}`);
    if ((place.flags & ENCRYPTED) !== 0) throw broken(`apfs: object ${object} is encrypted`);
    return place.address;
  };
}
