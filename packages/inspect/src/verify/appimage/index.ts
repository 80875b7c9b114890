// How AppImages are signed (AppImageKit's `validate.c`, AppImageUpdate's `calculateHash`): an OpenPGP signature over the SHA-256 of the file, in
// hexadecimal, with zeros where the signature and the signer's key stand.
import { malformedInstead } from "../malformed-instead.ts";
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { hashPieces } from "../hash-pieces.ts";
import { readDetached } from "../openpgp/detached.ts";
import { isComputed, joinJudged } from "../join-judged.ts";
import { judgeSignature } from "../openpgp/judge-signature.ts";
import { readKeyRing } from "../openpgp/key-ring.ts";
import { type OpenPgpSignature, SIGNATURE_TYPE } from "../openpgp/signature-packet.ts";
import { problem } from "../problem.ts";
import { joinSignatures, UNSIGNED, type Verdict } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { readSignedParts } from "./sections.ts";

/** As facts name it. */
const SCHEME = "gpg";
const WHERE = ".sha256_sig";
const MAX_SIGNATURES = 16;

export const appimage: Verifier = {
  id: "appimage",
  formats: ["appimage"],
  verify: (source, context) => malformedInstead(() => verifyAppImage(source, context)),
};

async function verifyAppImage(source: ByteSource, { trust, now }: VerifyContext): Promise<Verdict> {
  const parts = await readSignedParts(source);
  if (parts === undefined) return UNSIGNED;
  // appimagetool asks for text mode; sixty-four digits are the same bytes either way.
  const read = readDetached(Buffer.from(parts.signature, "latin1"), WHERE, [SIGNATURE_TYPE.binary, SIGNATURE_TYPE.text]);
  if (read.length > MAX_SIGNATURES) return joinSignatures([], [problem("signing/unsupported", `${read.length} signatures`, WHERE)]);
  const hashes = await hashPieces(source, parts.pieces, ["sha256"]);
  const digest = hashes.get("sha256")?.digest("hex") ?? "";
  const trusted = readKeyRing(trust.keys);
  const enclosed = readKeyRing(parts.key === undefined ? [] : [parts.key]);
  const judge = (signature: OpenPgpSignature) => {
    const own = createHash(signature.hash).update(digest);
    const ask = { scheme: SCHEME, where: WHERE, now };
    const said = judgeSignature(signature, own, { ...ask, ring: trusted });
    if (isComputed(said)) return said;
    // Anybody can enclose a key: it says that the bytes are whole, and not who made them.
    const verdict = judgeSignature(signature, own, { ...ask, ring: enclosed });
    const stranger = problem(
      "signing/unknown-signer",
      `the key ${String(verdict.details?.["claimedKey"])} is enclosed, and was not given`,
      WHERE,
    );
    if (!isComputed(verdict)) return said;
    return { ...verdict, trusted: false, problems: [...verdict.problems, ...(verdict.intact ? [stranger] : [])] };
  };
  return joinJudged(
    read.flatMap((one) => ("signature" in one ? [judge(one.signature)] : [])),
    [
      ...read.flatMap((one) => ("problem" in one ? [one.problem] : [])),
      ...parts.overfull.map((name) => problem("signing/uncovered", "something stands behind what it holds", name)),
    ],
  );
}
