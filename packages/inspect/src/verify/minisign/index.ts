// minisign: `notes.tar.gz.minisig` beside `notes.tar.gz`, Ed25519 over the file or its BLAKE2b-512 digest, and over a comment.
import { malformedInstead } from "../malformed-instead.ts";
import { createHash, createPublicKey, verify } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { findEd25519Signer } from "../ed25519-stream.ts";
import { openpgp } from "../openpgp/index.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { problem } from "../problem.ts";
import { type MinisignKey, type MinisignSignature, parseMinisignSignature, readMinisignKeys } from "./lines.ts";

const SCHEME = "minisign";
const MAX_SIGNATURE_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export const minisign: Verifier = {
  id: "minisign",
  // As for OpenPGP: those that carry no signature that is verified here.
  formats: openpgp.formats,
  async verify(source, context) {
    const where = `${context.fileName}.minisig`;
    const file = context.beside.get(where);
    if (file === undefined) return UNSIGNED;
    return malformedInstead(() => verifyMinisign(source, file, where, context), where);
  },
};

async function verifyMinisign(source: ByteSource, file: ByteSource, where: string, { trust }: VerifyContext): Promise<Verdict> {
  const refused = (message: string): Verdict => joinSignatures([], [problem("signing/unsupported", message, where)]);
  if (file.size > MAX_SIGNATURE_BYTES) return refused(`a signature of ${file.size} bytes`);
  const signature = parseMinisignSignature(Buffer.from(await file.read(0, file.size)).toString("utf8"));
  if (signature === undefined) return refused("a signature of an algorithm that is not known here");
  const { keyId, isPrehashed, trustedComment } = signature;
  const keys = readMinisignKeys(trust.keys).filter((one) => one.keyId === keyId);
  const details = { where, trustedComment, claimedKey: keyId, isPrehashed };
  if (keys.length === 0) {
    const problems = [problem("signing/unknown-signer", `the key ${keyId} was not given`, where)];
    // Nothing can be computed: neither answer.
    return { signatures: [{ scheme: SCHEME, problems, details }], problems: [] };
  }
  const key = isPrehashed
    ? await findPrehashedSigner(source, keys, signature.value)
    : await findEd25519Signer(source, keys, signature.value);
  const problems = reasons(key, signature, where);
  const intact = problems.length === 0;
  const signer = { name: keyId, certificates: [], keyId, key: "ed25519" };
  const verdict: SignatureVerdict = {
    scheme: SCHEME,
    intact,
    trusted: intact,
    algorithm: "ed25519",
    ...(intact && { signer }),
    problems,
    details,
  };
  return joinSignatures([verdict]);
}

function reasons(key: MinisignKey | undefined, { value, trustedComment, globalValue }: MinisignSignature, where: string): VerdictProblem[] {
  if (key === undefined) return [problem("signing/signature-mismatch", "the signature is not the key's over this file", where)];
  return holds(key, Buffer.concat([value, Buffer.from(trustedComment)]), globalValue)
    ? []
    : [problem("signing/signature-mismatch", "the trusted comment is not the one that was signed", where)];
}

async function findPrehashedSigner(source: ByteSource, keys: readonly MinisignKey[], value: Uint8Array): Promise<MinisignKey | undefined> {
  const hash = createHash("blake2b512");
  for (let at = 0; at < source.size; at += CHUNK_BYTES) hash.update(await source.read(at, Math.min(CHUNK_BYTES, source.size - at)));
  const digest = hash.digest();
  return keys.find((key) => holds(key, digest, value));
}

function holds({ point }: MinisignKey, data: Uint8Array, value: Uint8Array): boolean {
  try {
    const x = Buffer.from(point).toString("base64url");
    return verify(null, data, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), value);
  } catch {
    // A key that is none signs nothing.
    return false;
  }
}
