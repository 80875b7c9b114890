import { decodeUtf8 } from "@distd/core";
import { childrenOf, type DerElement, renderOid } from "./der.ts";

// RFC 4514, section 3: the attribute types every reader must know by name. All others are written as dotted numbers and hexadecimal.
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.6", "C"],
  ["2.5.4.9", "STREET"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
]);

/** RFC 4514: most specific first, joined by commas. */
export function renderName(name: DerElement): string {
  const rdns = childrenOf(name, "a name").map((rdn) => childrenOf(rdn, "a part of a name").map(renderAttribute).join("+"));
  return rdns.reverse().join(",");
}

function renderAttribute(attribute: DerElement): string {
  const [type, value] = childrenOf(attribute, "an attribute of a name");
  const oid = renderOid(type?.content ?? new Uint8Array());
  const short = SHORT_NAMES.get(oid);
  const text = short === undefined || value === undefined ? undefined : directoryText(value);
  return text === undefined ? `${short ?? oid}=#${Buffer.from(value?.encoded ?? []).toString("hex")}` : `${short}=${escape(text)}`;
}

/** The string types of X.520; undefined for anything else and for text that is not what its type says. */
function directoryText(value: DerElement): string | undefined {
  switch (value.tag) {
    case 0x0c: // UTF8String
    case 0x13: // PrintableString
    case 0x16: // IA5String
    case 0x12: // NumericString
    case 0x1a: // VisibleString
      return utf8OrUndefined(value.content);
    case 0x14: // TeletexString, in practice Latin-1
      return Buffer.from(value.content).toString("latin1");
    case 0x1e: // BMPString, UTF-16 big endian
      return value.content.length % 2 === 0 ? Buffer.from(value.content).swap16().toString("utf16le") : undefined;
    default:
      return undefined;
  }
}

function utf8OrUndefined(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch {
    return undefined;
  }
}

function escape(text: string): string {
  const escaped = text.replace(/["+,;<>\\]/g, "\\$&").replaceAll("\0", "\\00");
  const head = escaped.startsWith("#") || escaped.startsWith(" ") ? `\\${escaped}` : escaped;
  return head.length > 1 && head.endsWith(" ") ? `${head.slice(0, -1)}\\ ` : head;
}
