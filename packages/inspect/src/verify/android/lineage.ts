// Proof of rotation (source.android.com, "APK Signature Scheme v3", "Proof-of-rotation and self-trusted-old-certs structs"): a version, then
// nodes from the oldest key on. A node: signed data (certificate, the algorithm its signature is made with), flags, the algorithm the next node
// is signed with, the signature over the signed data by the node before.
import { isBroken } from "../../broken.ts";
import { items, lengthPrefixed, littleEndian } from "../../formats/apk/length-prefixed.ts";
import { verifySignature } from "../public-key.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import { canonicalKey } from "./keys.ts";
import { blockAlgorithm } from "./signature-algorithms.ts";

const VERSION = 1;
const MAX_NODES = 32;
/** What an older key may still do, by its bit. */
const CAPABILITIES = ["installed-data", "shared-user-id", "permission", "rollback", "auth"] as const;

export interface LineageNode {
  readonly certificate: X509;
  readonly capabilities: readonly string[];
}

/** Oldest first. */
export type Lineage = readonly LineageNode[];

export type LineageProblem = "POR_DID_NOT_VERIFY" | "POR_CERT_MISMATCH" | "MALFORMED_LINEAGE";

export interface LineageFailure {
  readonly problem: LineageProblem;
  readonly message: string;
}

/** Each key's signature over the next certificate is verified; which key made the last signature here is the caller's to compare. */
export function readLineage(value: Uint8Array): { readonly lineage: Lineage } | { readonly failure: LineageFailure } {
  try {
    const reader = littleEndian(value);
    const version = reader.u32();
    if (version !== VERSION) return fail("POR_CERT_MISMATCH", `version ${version} of the lineage is not known`);
    const nodes = items(reader.take(reader.left));
    return nodes.length > MAX_NODES ? fail("MALFORMED_LINEAGE", `${nodes.length} keys`) : readNodes(nodes);
  } catch (thrown) {
    if (isBroken(thrown)) return fail("MALFORMED_LINEAGE", thrown.message);
    throw thrown;
  }
}

function readNodes(nodes: readonly Uint8Array[]): ReturnType<typeof readLineage> {
  const lineage: LineageNode[] = [];
  let signedWith = 0;
  for (const node of nodes) {
    const reader = littleEndian(node);
    const signedData = lengthPrefixed(reader);
    const flags = reader.u32();
    const signsNextWith = reader.u32();
    const signature = lengthPrefixed(reader);
    const before = lineage.at(-1)?.certificate;
    const place = `certificate ${lineage.length + 1} of the lineage`;
    if (before !== undefined) {
      const algorithm = blockAlgorithm(signedWith);
      if (algorithm === undefined) return fail("MALFORMED_LINEAGE", `${place} is signed with an unknown algorithm`);
      if (!holds(() => verifySignature(canonicalKey(before.publicKey), algorithm.signature, signedData, signature)))
        return fail("POR_DID_NOT_VERIFY", `${place} is not signed by the one before`);
    }
    const data = littleEndian(signedData);
    const certificate = certificateOf(lengthPrefixed(data));
    if (certificate === undefined) return fail("POR_DID_NOT_VERIFY", `${place} cannot be read`);
    const claimed = data.u32();
    if (before !== undefined && claimed !== signedWith) return fail("POR_DID_NOT_VERIFY", `${place} names another algorithm`);
    if (lineage.some((one) => isSame(one.certificate, certificate))) return fail("POR_DID_NOT_VERIFY", `${place} is there twice`);
    lineage.push({ certificate, capabilities: CAPABILITIES.filter((_, bit) => (flags & (1 << bit)) !== 0) });
    signedWith = signsNextWith;
  }
  return lineage.length === 0 ? fail("MALFORMED_LINEAGE", "the lineage is empty") : { lineage };
}

/** One lineage in which all of these are: the history of the app's key. Undefined when they contradict each other. */
export function mergeLineages(lineages: readonly Lineage[]): { readonly lineage: Lineage | undefined } | undefined {
  let merged = lineages[0];
  for (const other of lineages.slice(1)) {
    merged = merged && mergeTwo(merged, other);
    if (merged === undefined) return undefined;
  }
  return { lineage: merged };
}

/** They overlap from the first key of the one that begins later, and are the same as long as both go on. */
function mergeTwo(a: Lineage, b: Lineage): Lineage | undefined {
  const [first] = a;
  const isLater = first !== undefined && b.some(({ certificate }) => isSame(certificate, first.certificate));
  const [older, newer] = isLater ? [b, a] : [a, b];
  const start = older.findIndex(({ certificate }) => newer[0] !== undefined && isSame(certificate, newer[0].certificate));
  if (start === -1) return undefined;
  const shared = older.slice(start);
  const agrees = shared.every((node, index) => {
    const other = newer[index];
    return other === undefined || isSame(node.certificate, other.certificate);
  });
  if (!agrees) return undefined;
  return [...older.slice(0, start), ...(newer.length >= shared.length ? newer : shared)];
}

export function isSame(a: X509, b: X509): boolean {
  return a.facts.sha256 === b.facts.sha256;
}

function certificateOf(der: Uint8Array): X509 | undefined {
  try {
    return readCertificate(der);
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (thrown) {
    if (isBroken(thrown)) return false;
    throw thrown;
  }
}

function fail(problem: LineageProblem, message: string): { readonly failure: LineageFailure } {
  return { failure: { problem, message } };
}
