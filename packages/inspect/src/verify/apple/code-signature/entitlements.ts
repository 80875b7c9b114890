// What code asks to be allowed: a property list, and since iOS 15 the same as DER, which is what counts there. Followed for DER: what
// CoreEntitlements reads, [APPLICATION 16] { INTEGER 1, [16] { SEQUENCE { UTF8String key, value } … } }.
import { broken } from "../../../broken.ts";
import { parsePlist } from "../../../plist/parse-plist.ts";
import { dictToJson } from "../../../plist/plist-value.ts";
import { childrenOf, type DerElement, parseFirstDer, TAG } from "../../../x509/der.ts";
import type { CodeSignature } from "./read-signature.ts";
import { SLOT } from "./super-blob.ts";

const BLOB_HEADER_BYTES = 8;
const MAX_DEPTH = 16;
const DICT = 0xb0;
const ENTITLEMENTS = 0x70;

/** As JSON values. */
export type Entitlements = Readonly<Record<string, unknown>>;

export interface ReadEntitlements {
  readonly entitlements: Entitlements;
  /** The two forms say the same, or there is one. */
  readonly agree: boolean;
}

/** Undefined: it asks for nothing. */
export async function readEntitlements({ sealed }: CodeSignature): Promise<ReadEntitlements | undefined> {
  const [xml, der] = [SLOT.entitlements, SLOT.derEntitlements].map((slot) => sealed.get(slot)?.subarray(BLOB_HEADER_BYTES));
  const list = xml === undefined || xml.length === 0 ? undefined : dictToJson(await parsePlist(xml, MAX_DEPTH, "the entitlements"));
  const dict = der === undefined || der.length === 0 ? undefined : parseDerEntitlements(der);
  const entitlements = dict ?? list;
  return entitlements && { entitlements, agree: list === undefined || dict === undefined || canonical(list) === canonical(dict) };
}

export function parseDerEntitlements(bytes: Uint8Array): Entitlements {
  const whole = parseFirstDer(bytes);
  const [version, dict] = childrenOf(whole, "the entitlements");
  if (whole.tag !== ENTITLEMENTS || version?.tag !== TAG.integer || dict?.tag !== DICT) throw broken("entitlements: not of the known form");
  return dictOf(dict, 0);
}

function dictOf(element: DerElement, depth: number): Entitlements {
  const dict: Record<string, unknown> = Object.create(null);
  for (const pair of childrenOf(element, "entitlements")) {
    const [key, value] = childrenOf(pair, "an entitlement");
    if (key?.tag !== UTF8 || value === undefined) throw broken("entitlements: one without a name");
    dict[Buffer.from(key.content).toString("utf8")] = valueOf(value, depth + 1);
  }
  return dict;
}

const UTF8 = 0x0c;
const BOOLEAN = 0x01;

function valueOf(element: DerElement, depth: number): unknown {
  if (depth > MAX_DEPTH) throw broken("entitlements: nested too deep");
  const { tag, content } = element;
  if (tag === BOOLEAN) return content[0] !== 0;
  if (tag === UTF8) return Buffer.from(content).toString("utf8");
  if (tag === TAG.sequence) return childrenOf(element, "entitlements").map((child) => valueOf(child, depth + 1));
  if (tag === DICT) return dictOf(element, depth);
  if (tag === TAG.octetString) return Buffer.from(content).toString("base64");
  if (tag !== TAG.integer || content.length > 8) throw broken(`entitlements: a value of kind ${tag}`);
  const value = content.length === 0 ? 0n : BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString("hex")}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

/** The same text for the same values, whatever the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
