// NuGet package signatures (NuGet's "Package Signatures Technical Details"): the entry .signature.p7s is a CMS message over a short text that
// states the hash of the zip without that entry. An author's or a repository's; a repository countersigns an author's.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { renderOid, TAG, type DerElement, childrenOf } from "../../x509/der.ts";
import { openZip } from "../../zip/open-zip.ts";
import { type CmsSigner, readSignedMessage, readSigner, type SignedMessage } from "../cms/signed-data.ts";
import { joinSignatures, type SignatureVerdict, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { hashPieces } from "../hash-pieces.ts";
import { judgeSigner, unreadable } from "./judge-signer.ts";
import { OID } from "./oids.ts";
import { parsePackageHash } from "./package-hash.ts";
import { problem, reading } from "../problem.ts";
import { namesItsCertificate } from "../cms/signing-certificate.ts";
import { readZipLayout, rewriteEnd, shiftRecord, type ZipLayout } from "./zip-layout.ts";

const SIGNATURE = ".signature.p7s";
const MAX_SIGNATURE_BYTES = 4 * 1024 * 1024;
const MAX_COUNTERSIGNATURES = 16;
const STORED = 0;
type Role = "author" | "repository" | "unknown";

export async function verifyNupkg(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const layout = await readZipLayout(source, DEFAULT_LIMITS);
  const zip = await openZip(source, DEFAULT_LIMITS, { contiguous: false });
  const entry = zip.find(SIGNATURE);
  if (entry === undefined) return joinSignatures([]);
  if (entry.bytes > MAX_SIGNATURE_BYTES) throw broken(`nupkg: a signature of ${entry.bytes} bytes`);
  if (entry.method !== STORED || layout.end64.length > 0)
    return joinSignatures([], [problem("signing/unsupported", "NuGet signs no zip64 packages and compresses no signature")]);
  const bytes = await zip.read(entry);
  const read = reading("signing/malformed", () => readPrimary(bytes));
  if ("problem" in read) return joinSignatures([unreadable("nuget", [read.problem])]);
  const { message, signer, content } = read.value;
  const stated = reading("signing/malformed", () => parsePackageHash(content));
  const problems = "problem" in stated ? [stated.problem] : await compareHash(source, layout, stated.value.hash, stated.value.digest);
  return joinSignatures([verifyPrimary(message, signer, content, problems, context), ...verifyCountersignatures(message, signer, context)]);
}

function readPrimary(bytes: Uint8Array): { readonly message: SignedMessage; readonly signer: CmsSigner; readonly content: Uint8Array } {
  const message = readSignedMessage(bytes);
  const [signer, second] = message.signers;
  if (signer === undefined || second !== undefined || message.content === undefined || message.contentType !== OID.data)
    throw broken("nupkg: the signature is of another form");
  return { message, signer, content: message.content };
}

async function compareHash(
  source: ByteSource,
  layout: ZipLayout,
  hash: "sha256" | "sha384" | "sha512",
  digest: Uint8Array,
): Promise<readonly VerdictProblem[]> {
  const signature = layout.entries.find(({ entry }) => entry.name === SIGNATURE);
  const place = signature?.place ?? { offset: layout.directoryOffset, bytes: 0 };
  const kept = layout.entries.filter((one) => one !== signature).map((one) => one.place);
  const records = layout.records
    .filter(({ entry }) => entry.name !== SIGNATURE)
    .map(({ entry, bytes }) => shiftRecord(bytes, entry.headerOffset > place.offset ? place.bytes : 0));
  const end = rewriteEnd(layout.end, {
    count: records.length,
    directoryBytes: records.reduce((sum, { length }) => sum + length, 0),
    directoryOffset: layout.directoryOffset - place.bytes,
  });
  const hashes = await hashPieces(source, [...kept, ...records, end], [hash]);
  if (hashes.get(hash)?.digest().equals(digest) === true) return [];
  return [problem("signing/digest-mismatch", `the ${hash} of the package is not the one that was signed`)];
}

function verifyPrimary(
  message: SignedMessage,
  signer: CmsSigner,
  content: Uint8Array,
  problems: readonly VerdictProblem[],
  context: VerifyContext,
): SignatureVerdict {
  return judgeSigner({
    scheme: "nuget",
    signer,
    enclosed: message.certificates,
    context,
    over: { contentType: OID.data, digest: createHash(signer.hash).update(content).digest(), content },
    problems: [...problems, ...certificateProblems(signer)],
    tokenAttributes: [OID.timestampToken],
    countersigned: false,
    details: detailsOf(signer),
  });
}

/** A repository's signature over the author's: the value of that signature is the content. */
function verifyCountersignatures(message: SignedMessage, primary: CmsSigner, context: VerifyContext): readonly SignatureVerdict[] {
  const infos = primary.unsigned.get(OID.countersignature) ?? [];
  if (infos.length > MAX_COUNTERSIGNATURES)
    return [unreadable("nuget", [problem("signing/unsupported", `${infos.length} countersignatures`)])];
  return infos.map((info) => {
    const read = reading("signing/malformed", () => readSigner(info, message.certificates));
    if ("problem" in read) return unreadable("nuget", [read.problem]);
    const signer = read.value;
    const isRepository = roleOf(signer) === "repository";
    return judgeSigner({
      scheme: "nuget",
      signer,
      enclosed: message.certificates,
      context,
      over: { digest: createHash(signer.hash).update(primary.signature).digest(), content: primary.signature },
      problems: [
        ...certificateProblems(signer),
        ...(isRepository ? [] : [problem("signing/unsupported", "a countersignature that is not a repository's")]),
      ],
      tokenAttributes: [OID.timestampToken],
      countersigned: false,
      details: { ...detailsOf(signer), countersignature: true },
    });
  });
}

/** NuGet demands that a signature names its certificate by hash. */
function certificateProblems(signer: CmsSigner): readonly VerdictProblem[] {
  const named = reading("signing/malformed", () => namesItsCertificate(signer));
  if ("problem" in named) return [named.problem];
  if (signer.certificate === undefined || named.value === true) return [];
  return [problem("signing/contradiction", "the signature names another certificate than its signer's, or none")];
}

function roleOf(signer: CmsSigner): Role {
  const read = reading("signing/malformed", () =>
    (signer.signed.get(OID.commitmentType) ?? []).map((value) => oidOf(childrenOf(value, "the kind of commitment")[0])),
  );
  const types = "value" in read ? read.value : [];
  if (types.includes(OID.proofOfOrigin) && !types.includes(OID.proofOfReceipt)) return "author";
  return types.includes(OID.proofOfReceipt) && !types.includes(OID.proofOfOrigin) ? "repository" : "unknown";
}

function oidOf(element: DerElement | undefined): string {
  return element?.tag === TAG.oid ? renderOid(element.content) : "";
}

function detailsOf(signer: CmsSigner): Readonly<Record<string, unknown>> {
  const index = signer.signed.get(OID.nugetServiceIndex)?.[0];
  return { role: roleOf(signer), ...(index !== undefined && { serviceIndex: Buffer.from(index.content).toString("latin1") }) };
}
