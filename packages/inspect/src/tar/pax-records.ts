import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";

/** What a pax header may say that changes which files are read. */
export interface PaxFields {
  readonly path?: Uint8Array;
  readonly linkPath?: Uint8Array;
  readonly bytes?: number;
}

/** POSIX.1-2017 pax, "Extended Header": records `LENGTH KEY=VALUE\n`, where the length counts itself. */
export function parsePaxRecords(data: Uint8Array): PaxFields {
  const fields: { path?: Uint8Array; linkPath?: Uint8Array; bytes?: number } = {};
  let offset = 0;
  while (offset < data.length) {
    const space = data.indexOf(0x20, offset);
    const length = space === -1 ? Number.NaN : parseDecimal(data.subarray(offset, space));
    const end = offset + length;
    if (!(end > space + 1 && end <= data.length) || data[end - 1] !== 0x0a) throw broken("tar: a pax record is damaged");
    const equals = data.indexOf(0x3d, space + 1);
    if (equals === -1 || equals >= end) throw broken("tar: a pax record has no value");
    const key = decodeUtf8(data.subarray(space + 1, equals));
    const value = data.subarray(equals + 1, end - 1);
    if (key === "path") fields.path = withoutNul(value);
    if (key === "linkpath") fields.linkPath = withoutNul(value);
    if (key === "size") fields.bytes = parseDecimal(value);
    if (key.startsWith("GNU.sparse.")) throw broken("tar: a sparse file; programs differ in how they unpack it");
    offset = end;
  }
  return fields;
}

function parseDecimal(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString("latin1");
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw broken("tar: a pax record's number is damaged");
  return value;
}

function withoutNul(value: Uint8Array): Uint8Array {
  if (value.includes(0)) throw broken("tar: a pax record's path holds NUL");
  return value;
}
