// Sparkle's signature of an update: Ed25519 over the file, beside it as `sign_update` prints it (sparkle-project.org, "Publishing an update").
import type { ByteSource } from "@distd/core";
import { findEd25519Signer } from "../ed25519-stream.ts";
import { problem } from "../problem.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, type VerdictCode } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { readSparkleKeys } from "./keys.ts";
import { readUpdateSignature } from "./update-signature.ts";

const SCHEME = "sparkle";
const MAX_SIGNATURE_BYTES = 4096;

export const sparkle: Verifier = {
  id: "sparkle",
  formats: ["dmg", "exe", "macapp", "msi", "pkg", "tarball", "zip"],
  async verify(source, context) {
    const where = `${context.fileName}.edsig`;
    const file = context.beside.get(where);
    return file === undefined ? UNSIGNED : verifyUpdate(source, file, where, context);
  },
};

async function verifyUpdate(source: ByteSource, file: ByteSource, where: string, { trust }: VerifyContext): Promise<Verdict> {
  const text = file.size > MAX_SIGNATURE_BYTES ? "" : Buffer.from(await file.read(0, file.size)).toString("latin1");
  const read = readUpdateSignature(text);
  if (read === undefined) return joinSignatures([], [problem("signing/malformed", "it is not what sign_update prints", where)]);
  const details = { where };
  const refused = (code: VerdictCode, message: string): SignatureVerdict => ({
    scheme: SCHEME,
    intact: false,
    trusted: false,
    algorithm: "ed25519",
    problems: [problem(code, message, where)],
    details,
  });
  if (read.length !== undefined && read.length !== source.size)
    return joinSignatures([refused("signing/digest-mismatch", `it was made of ${read.length} bytes, these are ${source.size}`)]);
  const keys = readSparkleKeys(trust.keys);
  // Nothing can be computed: neither answer.
  if (keys.length === 0) {
    const problems = [problem("signing/unknown-signer", "no key was given", where)];
    return { signatures: [{ scheme: SCHEME, problems, details }], problems: [] };
  }
  const signer = await findEd25519Signer(source, keys, read.value);
  if (signer === undefined)
    return joinSignatures([refused("signing/signature-mismatch", "none of the keys given made it over these bytes")]);
  const { keyId } = signer;
  const found = { intact: true, trusted: true, algorithm: "ed25519", problems: [], details };
  return joinSignatures([{ scheme: SCHEME, ...found, signer: { name: keyId, certificates: [], keyId, key: "ed25519" } }]);
}
