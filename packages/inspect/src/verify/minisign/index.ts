// minisign: `notes.tar.gz.minisig` beside `notes.tar.gz`, Ed25519 over the file or its BLAKE2b-512 digest, and over a comment.
import { createPublicKey, verify } from "node:crypto";
import { findEd25519Signer } from "../ed25519-stream.ts";
import { openpgp } from "../openpgp/index.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type VerdictProblem } from "../verdict.ts";
import type { BesideVerifier, Judge, Trust } from "../verifier.ts";
import { problem, reading } from "../problem.ts";
import { digestOf, type WholeFile } from "../whole-file.ts";
import { type MinisignKey, type MinisignSignature, parseMinisignSignature, readMinisignKeys } from "./lines.ts";

const SCHEME = "minisign";
const MAX_SIGNATURE_BYTES = 64 * 1024;

export const minisign: BesideVerifier = {
  id: "minisign",
  // As for OpenPGP: those that carry no signature that is verified here.
  formats: openpgp.formats,
  async begin(context, whole) {
    const where = `${context.fileName}.minisig`;
    const file = context.beside.get(where);
    if (file === undefined) return () => UNSIGNED;
    const refused =
      (message: string): Judge =>
      () =>
        joinSignatures([], [problem("signing/unsupported", message, where)]);
    if (file.size > MAX_SIGNATURE_BYTES) return refused(`a signature of ${file.size} bytes`);
    const text = Buffer.from(await file.read(0, file.size)).toString("utf8");
    const read = reading("signing/malformed", () => parseMinisignSignature(text));
    if ("problem" in read) return () => joinSignatures([], [{ ...read.problem, where }]);
    if (read.value === undefined) return refused("a signature of an algorithm that is not known here");
    return beginMinisign(read.value, where, context.trust, whole);
  },
};

function beginMinisign(signature: MinisignSignature, where: string, trust: Trust, whole: WholeFile): Judge {
  const { keyId, isPrehashed, trustedComment } = signature;
  const keys = readMinisignKeys(trust.keys).filter((one) => one.keyId === keyId);
  const details = { where, trustedComment, claimedKey: keyId, isPrehashed };
  if (keys.length === 0) {
    const problems = [problem("signing/unknown-signer", `the key ${keyId} was not given`, where)];
    // Nothing can be computed: neither answer.
    return () => ({ signatures: [{ scheme: SCHEME, problems, details }], problems: [] });
  }
  const findSigner = isPrehashed ? findPrehashedSigner(whole, keys, signature.value) : findEd25519Signer(whole, keys, signature.value);
  return () => {
    const problems = reasons(findSigner(), signature, where);
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
  };
}

function reasons(key: MinisignKey | undefined, { value, trustedComment, globalValue }: MinisignSignature, where: string): VerdictProblem[] {
  if (key === undefined) return [problem("signing/signature-mismatch", "the signature is not the key's over this file", where)];
  return holds(key, Buffer.concat([value, Buffer.from(trustedComment)]), globalValue)
    ? []
    : [problem("signing/signature-mismatch", "the trusted comment is not the one that was signed", where)];
}

function findPrehashedSigner(whole: WholeFile, keys: readonly MinisignKey[], value: Uint8Array): () => MinisignKey | undefined {
  const hash = whole.hash("blake2b512");
  return () => {
    const digest = digestOf(hash);
    return keys.find((key) => holds(key, digest, value));
  };
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
