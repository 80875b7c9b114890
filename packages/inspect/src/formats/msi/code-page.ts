import { decodeUtf8 } from "@distd/core";

type Label = NonNullable<ConstructorParameters<typeof TextDecoder>[0]>;

/** Windows code pages by the names the Encoding Standard has for them; all others are read as Western European. */
const LABELS: Readonly<Record<number, Label>> = {
  874: "windows-874",
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  1250: "windows-1250",
  1251: "windows-1251",
  1253: "windows-1253",
  1254: "windows-1254",
  1255: "windows-1255",
  1256: "windows-1256",
  1257: "windows-1257",
  1258: "windows-1258",
};
const UTF8 = 65001;

export function decodeCodePage(bytes: Uint8Array, codePage: number): string {
  return codePage === UTF8 ? decodeUtf8(bytes) : new TextDecoder(LABELS[codePage] ?? "windows-1252").decode(bytes);
}
