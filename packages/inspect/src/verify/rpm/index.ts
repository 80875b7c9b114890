// How rpm packages are signed (rpm.org, "RPM V4 Package format" and "RPM V6 Package format"): OpenPGP signatures over the header, which has a
// digest of the payload, or, older, over header and payload.
import type { ByteSource } from "@distd/core";
import { malformedInstead } from "../malformed-instead.ts";
import { isBroken } from "../../broken.ts";
import { joinJudged } from "../join-judged.ts";
import { judgeSignature, readDocumentSignature } from "../openpgp/judge-signature.ts";
import { readKeyRing } from "../openpgp/key-ring.ts";
import { PACKET, readPackets } from "../openpgp/packets.ts";
import type { OpenPgpSignature } from "../openpgp/signature-packet.ts";
import { joinSignatures, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { problem, unreadable } from "../problem.ts";
import { compareDigests, hashPackage } from "./digests.ts";
import { readPackageParts, type SignedHeader } from "./package-parts.ts";
import { OPENPGP_TAG, SIGNATURE_TAGS, type SignatureTag } from "./tags.ts";

const MAX_SIGNATURES = 16;

export const rpm: Verifier = {
  id: "rpm",
  formats: ["rpm"],
  verify: (source, context) => malformedInstead(() => verifyRpm(source, context)),
};

async function verifyRpm(source: ByteSource, { trust, now }: VerifyContext): Promise<Verdict> {
  const parts = await readPackageParts(source);
  const { found, problems } = readSignatures(parts.signatures);
  if (found.length > MAX_SIGNATURES) return joinSignatures([], [problem("signing/unsupported", `${found.length} signatures`)]);
  const namesOver = (over: SignatureTag["over"]) => found.filter(({ tag }) => tag.over === over).map(({ signature }) => signature.hash);
  const hashes = await hashPackage(source, parts, { header: namesOver("header"), package: namesOver("package") });
  const digests = compareDigests(parts, hashes);
  const ring = readKeyRing(trust.keys);
  const judged = found.flatMap(({ signature, tag: { over, scheme } }) => {
    const hash = hashes[over].get(signature.hash);
    return hash ? [{ over, verdict: judgeSignature(signature, hash, { scheme, where: scheme, ring, now }) }] : [];
  });
  const trusted = judged.filter(({ verdict }) => verdict.trusted);
  const counted = trusted.length > 0 ? trusted : judged.filter(({ verdict }) => verdict.intact);
  const isUncovered = !digests.coversPayload && counted.length > 0 && !counted.some(({ over }) => over === "package");
  const uncovered = isUncovered
    ? [problem("signing/uncovered", "the signature is over the header alone, which says nothing of the payload")]
    : [];
  return joinJudged(
    judged.map(({ verdict }) => verdict),
    [...problems, ...digests.problems, ...uncovered],
  );
}

interface Found {
  readonly tag: SignatureTag;
  readonly signature: OpenPgpSignature;
}

function readSignatures(header: SignedHeader): { readonly found: readonly Found[]; readonly problems: readonly VerdictProblem[] } {
  const found: Found[] = [];
  const problems: VerdictProblem[] = [];
  for (const { tag, bytes } of signatureBytes(header)) {
    try {
      const packets = readPackets(bytes);
      if (packets.length === 0 || packets.some((packet) => packet.tag !== PACKET.signature))
        problems.push(problem("signing/malformed", "there is something else than a signature", tag.scheme));
      for (const { body } of packets) {
        const read = readDocumentSignature(body, tag.scheme);
        if ("problem" in read) problems.push(read.problem);
        else found.push({ tag, signature: read.signature });
      }
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      problems.push(unreadable(thrown, tag.scheme));
    }
  }
  return { found, problems };
}

function signatureBytes(header: SignedHeader): readonly { readonly tag: SignatureTag; readonly bytes: Uint8Array }[] {
  const old = SIGNATURE_TAGS.flatMap((tag) => {
    const bytes = header.has(tag.tag) ? header.binary(tag.tag) : undefined;
    return bytes ? [{ tag, bytes }] : [];
  });
  return [...old, ...header.texts(OPENPGP_TAG.tag).map((text) => ({ tag: OPENPGP_TAG, bytes: Buffer.from(text, "base64") }))];
}
