// Sparkle's signature of an update: Ed25519 over the file, beside it as `sign_update` prints it (sparkle-project.org, "Publishing an update").
import { findEd25519Signer } from "../ed25519-stream.ts";
import { problem } from "../problem.ts";
import { joinSignatures, UNSIGNED, type Verdict, type VerdictCode } from "../verdict.ts";
import type { BesideVerifier, Judge, Trust } from "../verifier.ts";
import type { WholeFile } from "../whole-file.ts";
import { readSparkleKeys } from "./keys.ts";
import { readUpdateSignature, type UpdateSignature } from "./update-signature.ts";

const SCHEME = "sparkle";
const MAX_SIGNATURE_BYTES = 4096;

export const sparkle: BesideVerifier = {
  id: "sparkle",
  formats: ["dmg", "exe", "macapp", "msi", "pkg", "tarball", "zip"],
  async begin({ fileName, beside, trust }, whole) {
    const where = `${fileName}.edsig`;
    const file = beside.get(where);
    if (file === undefined) return () => UNSIGNED;
    const text = file.size > MAX_SIGNATURE_BYTES ? "" : Buffer.from(await file.read(0, file.size)).toString("latin1");
    const signature = readUpdateSignature(text);
    if (signature === undefined)
      return () => joinSignatures([], [problem("signing/malformed", "it is not what sign_update prints", where)]);
    return beginUpdate(signature, where, trust, whole);
  },
};

function beginUpdate({ value, length }: UpdateSignature, where: string, trust: Trust, whole: WholeFile): Judge {
  const details = { where };
  const refused = (code: VerdictCode, message: string): Verdict => {
    const problems = [problem(code, message, where)];
    return joinSignatures([{ scheme: SCHEME, intact: false, trusted: false, algorithm: "ed25519", problems, details }]);
  };
  if (length !== undefined && length !== whole.size)
    return () => refused("signing/digest-mismatch", `it was made of ${length} bytes, these are ${whole.size}`);
  const keys = readSparkleKeys(trust.keys);
  // Nothing can be computed: neither answer.
  if (keys.length === 0) {
    const problems = [problem("signing/unknown-signer", "no key was given", where)];
    return () => ({ signatures: [{ scheme: SCHEME, problems, details }], problems: [] });
  }
  const findSigner = findEd25519Signer(whole, keys, value);
  return () => {
    const signer = findSigner();
    if (signer === undefined) return refused("signing/signature-mismatch", "none of the keys given made it over these bytes");
    const { keyId } = signer;
    const found = { intact: true, trusted: true, algorithm: "ed25519", problems: [], details };
    return joinSignatures([{ scheme: SCHEME, ...found, signer: { name: keyId, certificates: [], keyId, key: "ed25519" } }]);
  };
}
