// A signed installer: a xar archive whose table of contents is signed. docs/signatures/apple.md says what is verified.
import type { ByteSource } from "@distd/core";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import { readXar, type Xar } from "../../../xar/open-xar.ts";
import { findXarSignatures } from "../../../xar/signature.ts";
import { problem } from "../../problem.ts";
import type { XmlElement } from "../../../xml/parse-xml.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, type VerdictProblem } from "../../verdict.ts";
import type { VerifyContext } from "../../verifier.ts";
import { isoOf } from "../../cms/describe-signer.ts";
import { judgeTicket } from "../ticket.ts";
import { checkHeap } from "./heap.ts";
import { judgeTableSignature, styleOf } from "./table-signature.ts";
import { readTrailer, type Trailer } from "./trailer.ts";

const MAX_SIGNATURES = 4;
/** As tickets number them, and how much of a digest they name. */
const TICKET_TYPES: Readonly<Record<string, number>> = { sha1: 1, sha256: 2 };
const TICKET_HASH_BYTES = 20;

export async function verifyPkg(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const xar = await readXar(source, DEFAULT_LIMITS);
  const elements = findXarSignatures(xar);
  if (elements.length === 0) return UNSIGNED;
  const { checksum, headerAgrees } = xar;
  if (!headerAgrees)
    return refused("signing/malformed", "the header is of another version, or names another checksum than the table of contents");
  if (checksum === undefined) return refused("signing/uncovered", "the table of contents has no checksum: a signature covers nothing");
  if (elements.length > MAX_SIGNATURES) return refused("signing/unsupported", `${elements.length} signatures`);
  const signatures = await judgeSignatures(elements, (element, at) => judgeTableSignature({ xar, checksum, element, context, at }));
  const trailer = await readTrailer(source, xar.end);
  const { problems, details } = judgeTrailer(xar, trailer, signatures, context);
  const found = [...(await contentProblems(source, xar)), ...contradictions(signatures), ...problems];
  return joinSignatures(
    signatures.map((one) => ({ ...one, details: { ...one.details, ...details } })),
    found,
  );
}

/** Plain RSA has no room for a timestamp: the one of the message beside it says when for both. In the order of the table. */
async function judgeSignatures(
  elements: readonly XmlElement[],
  judge: (element: XmlElement, at?: Date) => Promise<SignatureVerdict>,
): Promise<readonly SignatureVerdict[]> {
  const messages = new Map<XmlElement, SignatureVerdict>();
  for (const element of elements) if (styleOf(element) === "cms") messages.set(element, await judge(element));
  const stamp = [...messages.values()].find(({ intact, signedAt }) => intact && signedAt !== undefined)?.signedAt;
  const all: SignatureVerdict[] = [];
  for (const element of elements)
    all.push(messages.get(element) ?? (await judge(element, stamp === undefined ? undefined : new Date(stamp))));
  return all;
}

function refused(code: VerdictProblem["code"], message: string): Verdict {
  return joinSignatures([], [problem(code, message)]);
}

async function contentProblems(source: ByteSource, xar: Xar): Promise<readonly VerdictProblem[]> {
  const wrong = xar.checksum?.isRight === false;
  return [
    ...(wrong ? [problem("signing/digest-mismatch", "the checksum in the heap is not the table of contents' own")] : []),
    ...(await checkHeap(source, xar)),
  ];
}

/** Installers look at one of the two; nobody may see another signer than the next one. */
function contradictions(signatures: readonly SignatureVerdict[]): readonly VerdictProblem[] {
  const signers = new Set(signatures.map(({ signer }) => signer?.certificates[0]?.sha256 ?? ""));
  return signers.size > 1 ? [problem("signing/contradiction", "its two signatures are by different signers")] : [];
}

interface Notarized {
  readonly problems: readonly VerdictProblem[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** Only what a ticket proves is said. */
function judgeTrailer({ checksum }: Xar, trailer: Trailer, signatures: readonly SignatureVerdict[], context: VerifyContext): Notarized {
  if (trailer.problem) return { problems: [trailer.problem], details: {} };
  const isAsked = signatures.some(({ details }) => String(details?.["identity"]).startsWith("Developer ID "));
  const without = (why: string): Notarized => ({ problems: [problem("signing/not-notarized", why)], details: { notarized: false } });
  if (trailer.ticket === undefined) return isAsked ? without("no notarization ticket is attached") : { problems: [], details: {} };
  const { ticket, doubt } = judgeTicket(trailer.ticket, context);
  if (ticket === undefined || doubt !== undefined)
    return without(`the notarization ticket proves nothing: ${doubt ?? "it cannot be read"}`);
  const own = checksum && `${TICKET_TYPES[checksum.style]}:${Buffer.from(checksum.digest.subarray(0, TICKET_HASH_BYTES)).toString("hex")}`;
  if (own === undefined || !ticket.hashes.has(own))
    return without("the notarization ticket proves nothing: it does not list this installer");
  return { problems: [], details: { notarized: true, notarizedAt: isoOf(ticket.at) } };
}
