// The two signatures of an installer's table of contents: plain RSA, whose certificates stand in the table, and a CMS message. Both are over the
// table's checksum (xar's file format page; productsign(1)).
import { createHash } from "node:crypto";
import { broken, isBroken } from "../../../broken.ts";
import { parseFirstDer } from "../../../x509/der.ts";
import { numberOf, type TableChecksum, type Xar } from "../../../xar/open-xar.ts";
import { childNamed, childText, descendantsNamed, type XmlElement } from "../../../xml/parse-xml.ts";
import { type CmsSigner, readSignedMessage } from "../../cms/signed-data.ts";
import { problem, unreadable } from "../../problem.ts";
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../../verdict.ts";
import type { VerifyContext } from "../../verifier.ts";
import { readCertificate, type X509 } from "../../x509/certificate.ts";
import { hasContent } from "../code-signature/super-blob.ts";
import { namePart } from "../../cms/describe-signer.ts";
import { type JudgedSigner, judgeSigner } from "../judge-signer.ts";

export const SCHEME = "productsign";
const MAX_SIGNATURE_BYTES = 1024 * 1024;
const MAX_CERTIFICATES = 16;

export interface TableSignature {
  readonly xar: Xar;
  /** The table's, computed. */
  readonly checksum: TableChecksum;
  readonly element: XmlElement;
  readonly context: VerifyContext;
  /** When it was made, where something else has proved that. */
  readonly at: Date | undefined;
}

export function styleOf(element: XmlElement): string {
  return element.attributes["style"]?.toLowerCase() ?? "";
}

/** One signature of the table. */
export async function judgeTableSignature(question: TableSignature): Promise<SignatureVerdict> {
  const { xar, checksum, element, context } = question;
  const form = styleOf(element);
  try {
    const [offset, bytes] = [numberOf(childText(element, "offset")), numberOf(childText(element, "size"))];
    if (bytes > MAX_SIGNATURE_BYTES) throw broken(`a signature of ${bytes} bytes`);
    const value = await xar.readHeap(offset, bytes);
    if (form === "rsa") return verdictOf(form, judgeRsa(question, value));
    if (form === "cms") return verdictOf(form, judgeCms(checksum, value, context));
    return unread(form, problem("signing/unsupported", `a signature of the kind ${form.slice(0, 40)}`));
  } catch (thrown) {
    if (isBroken(thrown)) return unread(form, unreadable(thrown));
    throw thrown;
  }
}

/**
 * RSA over the checksum's digest info, as Apple signs; or, as apple-codesign does, over the checksum as a message of its own. The first certificate
 * is the signer's.
 */
function judgeRsa({ xar, checksum, element, context, at }: TableSignature, signature: Uint8Array): JudgedSigner {
  const info = childNamed(element, "KeyInfo");
  const texts = info ? descendantsNamed(info, "X509Certificate") : [];
  if (texts.length > MAX_CERTIFICATES) throw broken(`a signature with ${texts.length} certificates`);
  const [certificate, ...enclosed] = texts.map(({ text }) => readCertificate(Buffer.from(text, "base64")));
  if (certificate === undefined) throw broken("a signature without certificate");
  const judge = (hash: CmsSigner["hash"], content: Uint8Array): JudgedSigner => {
    const signer = plainSigner(certificate, hash, signature);
    const over = { digest: checksum.digest, content };
    return judgeSigner({ signer, enclosed, context, over, place: "installer", ...(at && { at }) });
  };
  const apples = judge(checksum.style, xar.tableBytes);
  const isAnothers = apples.problems.some(({ code }) => code === "signing/signature-mismatch");
  const others = isAnothers ? judge("sha256", checksum.digest) : undefined;
  const judged = others && !others.problems.some(({ code }) => code === "signing/signature-mismatch") ? others : apples;
  return at ? { ...judged, problems: judged.problems.filter(({ code }) => code !== "signing/no-timestamp") } : judged;
}

/** A signature without attributes. */
function plainSigner(certificate: X509, hash: CmsSigner["hash"], signature: Uint8Array): CmsSigner {
  const none = new Map<string, never>();
  return { certificate, hash, algorithm: { family: "rsa", hash }, signature, signed: none, unsigned: none, signedBytes: undefined };
}

function judgeCms({ digest }: TableChecksum, bytes: Uint8Array, context: VerifyContext): JudgedSigner {
  const padding = bytes.subarray(parseFirstDer(bytes).encoded.length);
  const { signers, certificates } = readSignedMessage(bytes);
  const [signer, ...more] = signers;
  if (signer === undefined || more.length > 0) throw broken(`a message with ${signers.length} signers`);
  const over = { digest: createHash(signer.hash).update(digest).digest(), content: digest };
  const judged = judgeSigner({ signer, enclosed: certificates, context, over, place: "installer" });
  const hidden = hasContent(padding) ? [problem("signing/uncovered", "something lies behind the signature's message")] : [];
  return { ...judged, problems: [...hidden, ...judged.problems] };
}

function verdictOf(form: string, judged: JudgedSigner): SignatureVerdict {
  const { problems, identity, signer, algorithm, signedAt, timestampedBy, chain } = judged;
  const has = (kind: "fatal" | "distrust"): boolean => problems.some(({ code }) => VERDICT_CODES[code] === kind);
  const team = identity && chain[0] ? namePart(chain[0].facts.subject, "OU") : undefined;
  return {
    scheme: SCHEME,
    intact: !has("fatal"),
    trusted: !has("fatal") && !has("distrust"),
    ...(signer && { signer }),
    ...(algorithm !== undefined && { algorithm }),
    ...(signedAt !== undefined && { signedAt }),
    ...(timestampedBy !== undefined && { timestampedBy }),
    problems,
    details: { form, ...(identity && { identity: identity.name }), ...(team !== undefined && { teamId: team }) },
  };
}

function unread(form: string, found: VerdictProblem): SignatureVerdict {
  return { scheme: SCHEME, intact: false, trusted: false, problems: [found], details: { form } };
}
