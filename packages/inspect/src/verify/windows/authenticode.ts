// Authenticode: a CMS message whose content is SpcIndirectDataContent. Further signatures are messages in its unsigned attributes.
import { createHash } from "node:crypto";
import { broken } from "../../broken.ts";
import { parseFirstDer } from "../../x509/der.ts";
import { type CmsSigner, readSignedMessage, type SignedMessage } from "../cms/signed-data.ts";
import type { HashName } from "../public-key.ts";
import type { SignatureVerdict, VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { type IndirectData, parseIndirectData } from "./indirect-data.ts";
import { judgeSigner, unreadable } from "./judge-signer.ts";
import { OID } from "./oids.ts";
import { reading } from "../problem.ts";

const SCHEME = "authenticode";
const MAX_SIGNATURES = 32;

export interface AuthenticodeMessage {
  readonly message: SignedMessage;
  readonly signer: CmsSigner;
  readonly indirect: IndirectData;
  readonly isNested: boolean;
}

export type ReadMessage = AuthenticodeMessage | { readonly unread: VerdictProblem };

/** The signatures of a message: its own, then the nested ones, however deep. */
export function readAuthenticode(bytes: Uint8Array): readonly ReadMessage[] {
  const found: ReadMessage[] = [];
  const pending = [{ bytes, isNested: false }];
  for (let one = pending.shift(); one !== undefined; one = pending.shift()) {
    if (found.length === MAX_SIGNATURES) {
      found.push({ unread: { code: "signing/unsupported", message: `more than ${MAX_SIGNATURES} signatures` } });
      break;
    }
    const { bytes: encoded, isNested } = one;
    const read = reading("signing/malformed", () => readMessage(encoded, isNested));
    if ("problem" in read) {
      found.push({ unread: read.problem });
      continue;
    }
    found.push(read.value);
    for (const nested of read.value.signer.unsigned.get(OID.nestedSignature) ?? []) pending.push({ bytes: nested.encoded, isNested: true });
  }
  return found;
}

function readMessage(bytes: Uint8Array, isNested: boolean): AuthenticodeMessage {
  const message = readSignedMessage(bytes);
  if (message.contentType !== OID.indirectData || message.content === undefined) throw broken("authenticode: it signs no digest of a file");
  const [signer, second] = message.signers;
  if (signer === undefined || second !== undefined) throw broken(`authenticode: ${message.signers.length} signers, not one`);
  return { message, signer, indirect: parseIndirectData(message.content), isNested };
}

/** What the signatures need of the file. */
export function hashesOf(messages: readonly ReadMessage[]): ReadonlySet<HashName> {
  return new Set(messages.flatMap((one) => ("unread" in one ? [] : [one.indirect.hash])));
}

/** One signature. `compare` says what is wrong between what it signs and the file. */
export function verifyMessage(
  one: ReadMessage,
  context: VerifyContext,
  compare: (indirect: IndirectData, signer: CmsSigner) => readonly VerdictProblem[],
  scheme = SCHEME,
): SignatureVerdict {
  if ("unread" in one) return unreadable(scheme, [one.unread]);
  const { message, signer, indirect, isNested } = one;
  const content = message.content as Uint8Array;
  return judgeSigner({
    scheme,
    signer,
    enclosed: message.certificates,
    context,
    over: { contentType: message.contentType, digest: createHash(signer.hash).update(content).digest(), content },
    problems: compare(indirect, signer),
    tokenAttributes: [OID.authenticodeTimestamp, OID.timestampToken],
    countersigned: true,
    details: {
      fileDigest: indirect.hash,
      ...(isNested && { nested: true }),
      ...(indirect.pageHashes !== undefined && { pageHashes: indirect.pageHashes }),
    },
  });
}

/** Whether something other than padding stands behind a message. */
export function hasContentBehind(bytes: Uint8Array): boolean {
  const read = reading("signing/malformed", () => parseFirstDer(bytes).encoded.length);
  return "value" in read && bytes.subarray(read.value).some((byte) => byte !== 0);
}
