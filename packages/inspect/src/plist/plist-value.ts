/** What a property list can hold. Dictionaries have no prototype: a key called `__proto__` is a key. */
export type PlistValue = string | number | bigint | boolean | Date | Uint8Array | PlistUid | readonly PlistValue[] | PlistDict;

export interface PlistDict {
  readonly [key: string]: PlistValue;
}

/** Values of one list, those counted again that a binary list refers to twice: a small file can refer to one array from many. */
export const MAX_PLIST_VALUES = 200_000;

/** A reference inside an archive of objects. */
export class PlistUid {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export function isDict(value: PlistValue | undefined): value is PlistDict {
  return (
    typeof value === "object" &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof PlistUid)
  );
}

export function stringAt(dict: PlistDict, key: string): string | undefined {
  const value = dict[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function listAt(dict: PlistDict, key: string): readonly PlistValue[] {
  const value = dict[key];
  return Array.isArray(value) ? value : [];
}

export function stringsAt(dict: PlistDict, key: string): readonly string[] {
  return listAt(dict, key).filter((item) => typeof item === "string");
}

export function dictAt(dict: PlistDict, key: string): PlistDict | undefined {
  const value = dict[key];
  return isDict(value) ? value : undefined;
}

/** `2026-11-20T07:00:00Z` */
export function dateAt(dict: PlistDict, key: string): string | undefined {
  const value = dict[key];
  return value instanceof Date ? renderDate(value) : undefined;
}

/** As JSON has it: dates as ISO text, data as base64, numbers beyond 2^53 as digits. */
export function toJson(value: PlistValue): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof Date) return renderDate(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof PlistUid) return value.value;
  if (Array.isArray(value)) return value.map(toJson);
  return isDict(value) ? dictToJson(value) : value;
}

export function dictToJson(dict: PlistDict): Readonly<Record<string, unknown>> {
  const json: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(dict)) json[key] = toJson(value);
  return json;
}

function renderDate(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
