import type { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { StringPool } from "./string-pool.ts";

/** Value types of Res_value that matter here. */
const TYPE = { reference: 0x01, string: 0x03, dynamicReference: 0x07, firstInt: 0x10, hex: 0x11, boolean: 0x12, lastInt: 0x1f } as const;

/** A typed value, as manifests and resource tables hold it. Colours, dimensions, fractions and theme attributes are `other`. */
export type ResValue =
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "reference"; readonly id: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: number; readonly text: string }
  | { readonly kind: "other" };

/** Res_value: size, zero, type, data. */
export function parseResValue(reader: ByteReader, strings: StringPool): ResValue {
  if (reader.u16() < 8) throw broken("android resources: a value is too short");
  reader.skip(1);
  const type = reader.u8();
  return makeResValue(type, reader.u32(), strings);
}

export function makeResValue(type: number, data: number, strings: StringPool): ResValue {
  if (type === TYPE.string) {
    const text = strings(data);
    return text === undefined ? { kind: "other" } : { kind: "string", text };
  }
  if (type === TYPE.reference || type === TYPE.dynamicReference) return { kind: "reference", id: data };
  if (type === TYPE.boolean) return { kind: "boolean", value: data !== 0 };
  if (type >= TYPE.firstInt && type <= TYPE.lastInt) {
    const value = data | 0;
    return { kind: "integer", value, text: type === TYPE.hex ? `0x${data.toString(16)}` : String(value) };
  }
  return { kind: "other" };
}
