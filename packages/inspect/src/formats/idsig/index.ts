// A v4 signature of an APK, in a file beside it: it lets a device start an app before all of it has arrived. Followed: AOSP's
// V4Signature.java and the v4 page of source.android.com. docs/formats/idsig.md says how each fact is found.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import { readV4Signature, SHA256 } from "./v4-signature.ts";

const MAX_LOG2_BLOCK_SIZE = 24;

export const idsig: Inspector = {
  id: "idsig",
  factsVersion: 1,
  extensions: [".idsig"],
  sniff({ head, name }) {
    if (isV4Signature(head)) return "yes";
    return name.endsWith(".idsig") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectIdsig(limitSource(source, limits.maxReadBytes))),
};

/** Version 2, SHA-256, blocks of 4096 bytes, no salt, a hash of 32 bytes: what every tool writes. */
function isV4Signature(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 21)).toString("hex") === "020000002d000000010000000c0000000020000000";
}

async function inspectIdsig(source: ByteSource): Promise<ArtifactFacts> {
  const signature = await readV4Signature(source);
  if (signature.log2BlockSize > MAX_LOG2_BLOCK_SIZE) throw broken(`idsig: blocks of 2^${signature.log2BlockSize} bytes`);
  const certificate = await attempt(() => parseCertificate(signature.certificate).facts);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return {
    format: idsig.id,
    factsVersion: idsig.factsVersion,
    platform: "android",
    architectures: ["any"],
    signing: { state: "unverified", schemes: ["v4"], certificates: "value" in certificate ? [certificate.value] : [] },
    problems:
      "error" in certificate
        ? [{ code: "idsig/certificate-damaged", message: `The signer's certificate cannot be read: ${certificate.error.message}` }]
        : [],
    details: {
      version: signature.version,
      hashAlgorithm: signature.hashAlgorithm === SHA256 ? "sha256" : `algorithm-${signature.hashAlgorithm}`,
      blockBytes: 2 ** signature.log2BlockSize,
      salt: hex(signature.salt),
      rootHash: hex(signature.rootHash),
      apkDigest: hex(signature.apkDigest),
      signatureAlgorithm: `0x${signature.signatureAlgorithm.toString(16).padStart(4, "0")}`,
      treeBytes: signature.treeBytes,
    },
  };
}
