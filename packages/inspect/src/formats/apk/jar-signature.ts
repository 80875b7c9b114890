import { broken } from "../../broken.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import type { ZipEntry } from "../../zip/directory.ts";
import type { Zip } from "../../zip/open-zip.ts";

const SIGNATURE_BLOCK = /^META-INF\/.*\.(?:RSA|DSA|EC)$/;
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
const HEADER_BYTES = 4096;
/** In the signature file's main section: ids of the schemes the signer also used, so that stripping them shows. */
const ALSO_SIGNED = /^X-Android-APK-Signed:([ 0-9,]*)/im;

/** v1, JAR signing: `META-INF/X.SF` beside `META-INF/X.RSA`, `.DSA` or `.EC`, which is CMS. One pair per signer. */
export interface JarSigner {
  readonly signatureFile: ZipEntry;
  readonly block: ZipEntry;
}

export function findJarSigners(zip: Zip): readonly JarSigner[] {
  const pairs: JarSigner[] = [];
  for (const block of zip.entries) {
    if (!SIGNATURE_BLOCK.test(block.name)) continue;
    const signatureFile = zip.find(`${block.name.slice(0, block.name.lastIndexOf("."))}.SF`);
    if (signatureFile !== undefined) pairs.push({ signatureFile, block });
  }
  return pairs;
}

export async function readJarCertificates(zip: Zip, signer: JarSigner): Promise<readonly Certificate[]> {
  if (signer.block.bytes > MAX_BLOCK_BYTES) throw broken(`${signer.block.name} is larger than ${MAX_BLOCK_BYTES} bytes`);
  return parseSignedData(await zip.read(signer.block)).signers;
}

/** Ids of the signature schemes (2, 3) the signer says it used besides v1. */
export async function readAlsoSigned(zip: Zip, signer: JarSigner): Promise<readonly number[]> {
  const content = zip.forward(signer.signatureFile);
  try {
    const header = await content.read(0, Math.min(HEADER_BYTES, content.size));
    const [main] = Buffer.from(header)
      .toString("latin1")
      .split(/\r?\n\r?\n/);
    const ids = ALSO_SIGNED.exec(main ?? "")?.[1] ?? "";
    return ids
      .split(",")
      .map(Number)
      .filter((id) => id > 0);
  } finally {
    await content.close();
  }
}
