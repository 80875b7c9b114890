import type { ArtifactProblem, SigningFacts } from "@distd/core";
import { attempt, broken } from "../../broken.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import type { Zip } from "../../zip/open-zip.ts";

const SIGNATURE = "AppxSignature.p7x";
/** Windows' list of signed code; signers add it and the signature together. */
const CODE_INTEGRITY = "AppxMetadata/CodeIntegrity.cat";
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;
const MAGIC = Buffer.from("PKCX");

/** The signature is a CMS message behind four letters of its own. */
export async function readSignature(zip: Zip): Promise<{ readonly signing: SigningFacts; readonly problems: readonly ArtifactProblem[] }> {
  const entry = zip.find(SIGNATURE);
  if (entry === undefined) {
    const stripped = zip.find(CODE_INTEGRITY) !== undefined;
    return {
      signing: { state: "unsigned", schemes: [], certificates: [] },
      problems: stripped
        ? [{ code: "msix/signature-stripped", message: "It was signed: the list of signed code is there, the signature is gone." }]
        : [],
    };
  }
  const read = await attempt(async () => {
    if (entry.bytes > MAX_SIGNATURE_BYTES) throw broken(`the signature has ${entry.bytes} bytes`);
    const bytes = Buffer.from(await zip.read(entry));
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw broken("it does not begin as one");
    return parseSignedData(bytes.subarray(MAGIC.length)).signers;
  });
  const certificates = "value" in read ? uniqueCertificates(read.value.map(({ facts }) => facts)) : [];
  return {
    signing: { state: "unverified", schemes: ["authenticode"], certificates },
    problems: "error" in read ? [{ code: "msix/signature-damaged", message: `The signature cannot be read: ${read.error.message}` }] : [],
  };
}
