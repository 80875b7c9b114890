import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { decodeCodePage } from "./code-page.ts";

const CODE_PAGE = 1;
const TEMPLATE = 7;
const CREATOR = 18;
const MAX_PROPERTIES = 256;
const SHORT_INTEGER = 2;
const TEXT = 30;

export interface Summary {
  /** Platforms and languages, `x64;1033,1031`. */
  readonly template?: string;
  /** The program that made the package. */
  readonly creator?: string;
}

/** The summary stream is a property set (MS-OLEPS): a section of (number, offset) pairs, each value with its type. */
export function parseSummary(bytes: Uint8Array): Summary {
  const reader = new ByteReader(bytes, { littleEndian: true });
  if (reader.u16() !== 0xfffe) throw broken("msi: the summary is damaged");
  const section = new ByteReader(bytes.subarray(reader.seek(44).u32()), { littleEndian: true });
  const count = section.skip(4).u32();
  if (count > MAX_PROPERTIES) throw broken(`msi: ${count} summary properties`);
  const offsets = new Map(Array.from({ length: count }, () => [section.u32(), section.u32()]));
  const codePageAt = offsets.get(CODE_PAGE);
  const hasCodePage = codePageAt !== undefined && section.seek(codePageAt).u32() === SHORT_INTEGER;
  const codePage = hasCodePage ? section.u16() : 0;
  const text = (id: number): string | undefined => {
    const at = offsets.get(id);
    if (at === undefined || section.seek(at).u32() !== TEXT) return undefined;
    const value = section.take(section.u32());
    const end = value.indexOf(0);
    return decodeCodePage(end === -1 ? value : value.subarray(0, end), codePage) || undefined;
  };
  const [template, creator] = [text(TEMPLATE), text(CREATOR)];
  return { ...(template === undefined ? {} : { template }), ...(creator === undefined ? {} : { creator }) };
}
