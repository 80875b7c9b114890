// A Windows cabinet: drivers, updates and what installers carry. Its list of files is plain, their data compressed. Followed: Microsoft's
// MS-CAB. docs/formats/cab.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { present } from "../../present.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import { type Cabinet, readCabinet } from "./cabinet.ts";

const MAX_LISTED = 1000;
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;
/** Magic, and four bytes that are always zero. */
const MAGIC = Buffer.from("4d53434600000000", "hex");

export const cab: Inspector = {
  id: "cab",
  factsVersion: 1,
  extensions: [".cab"],
  sniff({ head, name }) {
    if (MAGIC.equals(head.subarray(0, MAGIC.length))) return "yes";
    return name.endsWith(".cab") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectCab(limitSource(source, limits.maxReadBytes))),
};

async function inspectCab(source: ByteSource): Promise<ArtifactFacts> {
  const cabinet = await readCabinet(source);
  const { signing, problems } = await readSignature(source, cabinet);
  return {
    format: cab.id,
    factsVersion: cab.factsVersion,
    platform: "windows",
    architectures: ["any"],
    signing,
    problems,
    details: {
      fileCount: cabinet.files.length,
      files: cabinet.files.slice(0, MAX_LISTED).map(({ name }) => name),
      unpackedBytes: cabinet.files.reduce((sum, { bytes }) => sum + bytes, 0),
      compression: cabinet.methods,
      ...present({ part: cabinet.part }),
    },
  };
}

async function readSignature(
  source: ByteSource,
  { signatureAt }: Cabinet,
): Promise<{ readonly signing: SigningFacts; readonly problems: readonly ArtifactProblem[] }> {
  if (signatureAt === undefined) return { signing: { state: "unsigned", schemes: [], certificates: [] }, problems: [] };
  const read = await attempt(async () => {
    if (signatureAt.bytes > MAX_SIGNATURE_BYTES) throw broken(`the signature has ${signatureAt.bytes} bytes`);
    return parseSignedData(await source.read(signatureAt.offset, signatureAt.bytes)).signers;
  });
  const certificates = "value" in read ? uniqueCertificates(read.value.map(({ facts }) => facts)) : [];
  return {
    signing: { state: "unverified", schemes: ["authenticode"], certificates },
    problems: "error" in read ? [{ code: "cab/signature-damaged", message: `The signature cannot be read: ${read.error.message}` }] : [],
  };
}
