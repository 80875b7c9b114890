// One bundle over an artifact: whether its bytes were signed, and whether an authority, a log and a timestamp that are trusted stand for who signed.
import { createHash, type KeyObject } from "node:crypto";
import { problem } from "../problem.ts";
import { describeKey, type HashName } from "../public-key.ts";
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { Asked } from "./asked.ts";
import { judgeTrust } from "./judge-trust.ts";
import type { SignedEntity } from "./library.ts";
import { hashesOfKey, type MakerSearch } from "./maker.ts";
import type { ReadBundle, Signed } from "./read-bundle.ts";
import { findSubject } from "./statement.ts";
import { fingerprint, type PublicKey } from "./trust.ts";

export const SCHEME = "sigstore";

/** Without answers where the key is not there, and nothing can be said of the bytes. */
export function judgeBundle(bundle: ReadBundle, search: MakerSearch, asked: Asked): SignatureVerdict {
  const { where, signed, certificate, identity, keyHint } = bundle;
  const details = {
    where,
    ...(identity && { issuer: identity.issuer }),
    ...(certificate && { certificate: certificate.facts.sha256 }),
    ...(keyHint !== undefined && { claimedKey: keyHint }),
    ...(signed.kind === "statement" && { predicateType: signed.statement.predicateType }),
  };
  const fails = (found: VerdictProblem): SignatureVerdict => ({
    scheme: SCHEME,
    intact: false,
    trusted: false,
    problems: [found],
    details,
  });
  if (!isOverArtifact(signed, asked.digests))
    return fails(problem("signing/digest-mismatch", "these are not the bytes that were signed", where));
  const maker = search.find(asked.digests);
  if (maker === undefined && !search.isKnown)
    return { scheme: SCHEME, problems: [problem("signing/unknown-signer", `the key ${keyHint ?? ""} was not given`, where)], details };
  if (maker === undefined) return fails(problem("signing/signature-mismatch", "it was not made by the key that it names", where));
  const { problems, signedAt, timestampedBy, isVouched } = judgeTrust(
    { ...bundle, entity: withContent(bundle, maker, asked.digests) },
    maker,
    asked,
  );
  const isIntact = !problems.some(({ code }) => VERDICT_CODES[code] === "fatal");
  return {
    scheme: SCHEME,
    intact: isIntact,
    trusted: isIntact && !problems.some(({ code }) => VERDICT_CODES[code] === "distrust"),
    algorithm: algorithmOf(maker.spki, signed),
    signer: {
      name: identity?.subject ?? fingerprint(maker),
      ...(identity && isVouched === true
        ? // The certificate is new each time; who it is for stays.
          { certificates: [], keyId: `${identity.subject} ${identity.issuer}` }
        : { certificates: certificate ? [certificate.facts] : [], ...(certificate === undefined && { keyId: fingerprint(maker) }) }),
      key: describeKey(maker.spki),
    },
    ...(signedAt !== undefined && { signedAt }),
    ...(timestampedBy !== undefined && { timestampedBy }),
    problems,
    details,
  };
}

function isOverArtifact(signed: Signed, digests: ReadonlyMap<HashName, Uint8Array>): boolean {
  if (signed.kind === "statement") return findSubject(signed.statement, digests) !== undefined;
  return Buffer.from(digests.get(signed.hash) ?? []).equals(signed.digest);
}

/** What the library asks of the content: the artifact was hashed already, and the signature is known to be the maker's. */
function withContent({ entity, signed }: ReadBundle, maker: PublicKey, digests: ReadonlyMap<HashName, Uint8Array>): SignedEntity {
  const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
  const own = signed.kind === "message" ? Buffer.from(digests.get(signed.hash) ?? []) : sha256(signed.payload);
  const encoded = signed.kind === "message" ? own : sha256(signed.encoded);
  const signature = Buffer.from(signed.signature);
  return {
    ...entity,
    signature: {
      signature,
      compareSignature: (other) => signature.equals(other),
      compareDigest: (digest) => own.equals(digest),
      compareSignedDigest: (digest) => encoded.equals(digest),
      verifySignature: (key: KeyObject) => Buffer.from(maker.spki).equals(key.export({ type: "spki", format: "der" })),
    },
  };
}

function algorithmOf(spki: Uint8Array, signed: Signed): string {
  const name = describeKey(spki);
  if (name === "ed25519") return name;
  const hash = signed.kind === "message" ? signed.hash : hashesOfKey(spki)[0];
  return `${name.startsWith("rsa") ? "rsa" : name}-${hash}`;
}
