import type { ArtifactFacts, SignatureFacts, SigningFacts } from "@distd/core";

/** The verdict in one line for people, the same everywhere: `signed by Acme GmbH, intact, identity not verified`. */
export function describeSigning({ state, intact, trusted, signatures = [], schemes }: SigningFacts): string {
  if (state === "unsigned") return "not signed";
  if (intact === undefined) return `signed (${schemes.join(" + ")}), not verified`;
  if (!intact) return "signed, but not intact: these are not the bytes that were signed, or not by whom it says";
  const names = [...new Set(signatures.flatMap(({ signer }) => (signer ? [signer.name] : [])))];
  const isByNobody = names.length === 0 && signatures.some(({ problems }) => problems.some(({ code }) => code === "signing/nobody"));
  if (isByNobody) return "signed by nobody: intact as far as anybody who can change it lets it be";
  return `signed by ${names.join(" and ") || "somebody"}, intact, ${trusted ? "trusted" : "identity not verified"}${notarization(signatures)}`;
}

/** Of Apple's formats, where it is asked of them. */
function notarization(signatures: readonly SignatureFacts[]): string {
  const said = signatures.flatMap(({ details }) => (typeof details?.["notarized"] === "boolean" ? [details["notarized"]] : []));
  return said.length === 0 ? "" : said.includes(true) ? ", notarized" : ", not notarized";
}

/** Nobody expects these to be signed. */
const UNSIGNED_FORMATS: ReadonlySet<string> = new Set(["file", "signature"]);

/** The same for what is listed with others; undefined where nothing is worth saying. */
export function signingLine({ format, signing }: ArtifactFacts): string | undefined {
  return UNSIGNED_FORMATS.has(format) ? undefined : describeSigning(signing);
}

/** `v2, rsa-2048, until 2031-04-01, signed 2026-01-05`. */
export function describeSignature({ scheme, signer, algorithm, signedAt, timestampedBy }: SignatureFacts): string {
  const day = (instant: string): string => instant.slice(0, 10);
  return [
    scheme,
    algorithm ?? signer?.key,
    signer?.validUntil && `until ${day(signer.validUntil)}`,
    signedAt && `signed ${day(signedAt)}${timestampedBy === undefined ? "" : ` (${timestampedBy})`}`,
  ]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
}
