// v4 (source.android.com, "APK Signature Scheme v4"; AOSP's V4SchemeVerifier): beside the APK, a signature over its size, the root of its
// fs-verity tree, and the content digest of its v2 or v3 signature, whose signer has to be the same.
import { attempt, isBroken } from "../../broken.ts";
import type { ByteSource } from "@distd/core";
import { readV4Signature, SHA256, type V4Signature, type V4Signer } from "../../formats/idsig/v4-signature.ts";
import { verifySignature } from "../public-key.ts";
import { readCertificate } from "../x509/certificate.ts";
import type { MerkleTree } from "./merkle-tree.ts";
import { type Issue, issue } from "./issues.ts";
import { canonicalKey } from "./keys.ts";
import { isSame } from "./lineage.ts";
import { ownCertificate, type SchemeResult, type SchemeSigner } from "./scheme.ts";
import { blockAlgorithm, type ContentDigest, renderId } from "./signature-algorithms.ts";

const LOG2_PAGE = 12;
const PIECE_BYTES = 1024 * 1024;
/** Which of a signer's digests ties v4 to it. */
const BINDING: readonly ContentDigest[] = ["chunked-sha512", "verity-sha256", "chunked-sha256"];

export type HashTree = ReturnType<MerkleTree["finish"]>;

/** `schemes`: what of the APK's own signatures is accepted; v4 stands on them. `tree` reads the APK when it is called. */
export async function verifyV4(
  idsig: ByteSource,
  apkBytes: number,
  schemes: readonly SchemeResult[],
  tree: () => Promise<HashTree | undefined>,
): Promise<SchemeResult> {
  const read = await attempt(() => readV4Signature(idsig));
  if ("error" in read) return refused(issue("V4_SIG_NO_SIGNATURES", `The v4 signature cannot be read: ${read.error.message}.`));
  const signature = read.value;
  const infos = [signature, ...signature.others];
  const signers = infos.map((info) => verifyInfo(info, signature, apkBytes));
  const errors: Issue[] = [];
  const hold = signers.every((signer) => signer.errors.length === 0);
  if (hold) errors.push(...(await checkTree(idsig, signature, tree)));
  if (hold && errors.length === 0) errors.push(...checkBinding(signers, signature.apkDigest, schemes));
  return {
    scheme: "v4",
    holds: hold && errors.length === 0,
    signers,
    errors,
    remarks: [],
  };
}

function refused(error: Issue): SchemeResult {
  return { scheme: "v4", holds: false, signers: [], errors: [error], remarks: [] };
}

function verifyInfo(info: V4Signer, hashing: V4Signature, apkBytes: number): SchemeSigner {
  const algorithm = blockAlgorithm(info.signatureAlgorithm);
  const details = { rootHash: Buffer.from(hashing.rootHash).toString("hex"), signatureAlgorithms: [renderId(info.signatureAlgorithm)] };
  const refuse = (error: Issue): SchemeSigner => ({ certificates: [], errors: [error], remarks: [], details });
  if (algorithm === undefined)
    return refuse(issue("V4_SIG_UNKNOWN_SIG_ALGORITHM", `The algorithm ${renderId(info.signatureAlgorithm)} is not known.`));
  try {
    if (!verifySignature(info.publicKey, algorithm.signature, signedData(info, hashing, apkBytes), info.signature))
      return refuse(issue("V4_SIG_DID_NOT_VERIFY", "The signature is not the key's over what v4 signs of this APK."));
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    return refuse(issue("V4_SIG_MALFORMED_PUBLIC_KEY", `The signature cannot be computed: ${thrown.message}.`));
  }
  try {
    const certificate = readCertificate(info.certificate);
    if (Buffer.compare(canonicalKey(certificate.publicKey), info.publicKey) !== 0)
      return refuse(
        issue("V4_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD", "The key is not that of the certificate."),
      );
    return { certificates: [certificate], algorithm: algorithm.signature, errors: [], remarks: [], details };
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    return refuse(issue("V4_SIG_MALFORMED_CERTIFICATE", `The certificate cannot be read: ${thrown.message}.`));
  }
}

/** V4Signature.getSignedData: its own length, the APK's size, how it is hashed, and of the signer digest, certificate and additional data. */
function signedData({ apkDigest, certificate, additionalData }: V4Signer, hashing: V4Signature, apkBytes: number): Uint8Array {
  const { hashAlgorithm, log2BlockSize, salt, rootHash } = hashing;
  const values = [salt, rootHash, apkDigest, certificate, additionalData].flatMap((value) => [uint32(value.length), value]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(apkBytes));
  const body = Buffer.concat([size, uint32(hashAlgorithm), Buffer.of(log2BlockSize), ...values]);
  return Buffer.concat([uint32(body.length + 4), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

async function checkTree(
  idsig: ByteSource,
  signature: V4Signature,
  computed: () => Promise<HashTree | undefined>,
): Promise<readonly Issue[]> {
  const { hashAlgorithm, log2BlockSize, salt, rootHash, treeBytes, treeOffset } = signature;
  if (hashAlgorithm !== SHA256 || log2BlockSize !== LOG2_PAGE || salt.length > 0)
    return [issue("V4_SIG_APK_ROOT_DID_NOT_VERIFY", "The tree of hashes is of a form that no phone makes.")];
  const tree = await computed();
  if (tree === undefined || Buffer.compare(tree.root, rootHash) !== 0)
    return [issue("V4_SIG_APK_ROOT_DID_NOT_VERIFY", "The file is not the one that was signed (tree of hashes).")];
  if (treeBytes === 0 || (await isTree(idsig, treeOffset, treeBytes, tree))) return [];
  return [issue("V4_SIG_APK_TREE_DID_NOT_VERIFY", "The enclosed tree of hashes is not the file's.")];
}

async function isTree(idsig: ByteSource, offset: number, bytes: number, tree: HashTree): Promise<boolean> {
  if (bytes !== tree.levels.reduce((sum, level) => sum + level.length, 0)) return false;
  let at = offset;
  for (const level of tree.levels) {
    for (let from = 0; from < level.length; from += PIECE_BYTES) {
      const expected = level.subarray(from, from + PIECE_BYTES);
      if (Buffer.compare(await idsig.read(at, expected.length), expected) !== 0) return false;
      at += expected.length;
    }
  }
  return true;
}

/** v4 is by the signer of v3, and of v3.1 where there is one, or else of v2; and over the same contents. */
function checkBinding(v4: readonly SchemeSigner[], apkDigest: Uint8Array, schemes: readonly SchemeResult[]): readonly Issue[] {
  const of = (scheme: string): SchemeResult | undefined => schemes.find((one) => one.scheme === scheme && one.holds);
  const newest = of("v3.1");
  const base = of("v3") ?? of("v2");
  if (base === undefined) return [issue("V4_SIG_V2_V3_SIGNERS_MISMATCH", "There is no v2 or v3 signature that v4 could go with.")];
  const bases = base.scheme === "v3" && newest ? [base, newest] : [base];
  if (v4.length !== bases.length || bases.some(({ signers }) => signers.length !== 1))
    return [issue("V4_SIG_MULTIPLE_SIGNERS", "v4 has not one signer for each that the package has.")];
  return bases.flatMap(({ signers: [signer] }, index) => {
    const [mine, theirs] = [v4[index] && ownCertificate(v4[index]), signer && ownCertificate(signer)];
    const digest = BINDING.map((kind) => signer?.contents?.get(kind)).find((one) => one !== undefined);
    const problems: Issue[] = [];
    if (!mine || !theirs || !isSame(mine, theirs))
      problems.push(issue("V4_SIG_V2_V3_SIGNERS_MISMATCH", "v4 is by another signer than the package."));
    // For v3.1 too it is the first signer's digest that counts: both are over the same contents.
    if (!digest || Buffer.compare(apkDigest, digest) !== 0)
      problems.push(issue("V4_SIG_V2_V3_DIGESTS_MISMATCH", "v4 is of other contents than the package's own signature."));
    return problems;
  });
}
