import type { CertificateFacts } from "@distd/core";
import { broken } from "../broken.ts";
import { parseCertificate } from "../x509/certificate.ts";
import { parseSignedData } from "../x509/signed-data.ts";
import { childNamed, childrenNamed, childText, descendantsNamed, type XmlElement } from "../xml/parse-xml.ts";
import type { Xar } from "./open-xar.ts";

const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Signatures over the table of contents: of plain RSA, and beside it a CMS message that carries a timestamp. */
export function findXarSignatures(xar: Xar): readonly XmlElement[] {
  return [...childrenNamed(xar.table, "signature"), ...childrenNamed(xar.table, "x-signature")];
}

/** The signer's own certificates. An RSA signature lists its chain, the signer first. */
export async function readXarSigners(xar: Xar, signature: XmlElement): Promise<readonly CertificateFacts[]> {
  if (signature.attributes["style"] === "CMS") {
    const [offset, size] = [Number(childText(signature, "offset")), Number(childText(signature, "size"))];
    if (!(size <= MAX_MESSAGE_BYTES)) throw broken(`a signature of ${size} bytes`);
    const { signers } = parseSignedData(await xar.readHeap(offset, size));
    if (signers.length > 0) return signers.map(({ facts }) => facts);
  }
  const info = childNamed(signature, "KeyInfo");
  const [leaf] = info === undefined ? [] : descendantsNamed(info, "X509Certificate");
  if (leaf === undefined) throw broken("a signature without certificate");
  return [parseCertificate(new Uint8Array(Buffer.from(leaf.text, "base64"))).facts];
}
