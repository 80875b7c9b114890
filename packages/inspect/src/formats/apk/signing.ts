import type { ArtifactProblem, ByteSource, CertificateFacts, SigningFacts } from "@distd/core";
import { attempt } from "../../broken.ts";
import { parseCertificate, uniqueCertificates } from "../../x509/certificate.ts";
import type { Zip } from "../../zip/open-zip.ts";
import { findJarSigners, readAlsoSigned, readJarCertificates } from "./jar-signature.ts";
import {
  BLOCK_SCHEMES,
  type BlockScheme,
  MAX_SIGNERS,
  parseSigners,
  parseSourceStamp,
  readSigningBlock,
  type SigningBlock,
} from "./signing-block.ts";

type KeyFacts = Pick<CertificateFacts, "sha256" | "subject">;

export interface ApkSigning {
  readonly signing: SigningFacts;
  readonly problems: readonly ArtifactProblem[];
  /** Certificates of the keys this one was rotated from, oldest first, itself last. */
  readonly lineage?: readonly KeyFacts[];
  readonly sourceStamp?: KeyFacts;
}

interface Findings {
  readonly schemes: string[];
  readonly certificates: CertificateFacts[];
  readonly lineage: CertificateFacts[];
  readonly problems: ArtifactProblem[];
  /** Schemes a signer says the file carries. */
  readonly claimed: Set<string>;
}

/**
 * The signatures that are in the file, and whose they claim to be. Nothing is verified: a damaged signature is a problem, not a refusal,
 * and its scheme counts as present.
 */
export async function readApkSigning(source: ByteSource, zip: Zip): Promise<ApkSigning> {
  const findings: Findings = { schemes: [], certificates: [], lineage: [], problems: [], claimed: new Set() };
  await readJarSigning(zip, findings);
  const block = await attempt(() => readSigningBlock(source, zip.directoryOffset));
  if ("error" in block)
    findings.problems.push({ code: "apk/signing-block", message: `The signing block is damaged: ${block.error.message}` });
  const pairs = "value" in block ? block.value : undefined;
  for (const scheme of Object.keys(BLOCK_SCHEMES) as BlockScheme[])
    await readBlockScheme(pairs?.get(BLOCK_SCHEMES[scheme]), scheme, findings);
  for (const scheme of findings.claimed) {
    if (findings.schemes.includes(scheme)) continue;
    findings.problems.push({
      code: "apk/signature-stripped",
      message: `A signer says the file is also signed with ${scheme}, but that signature was removed.`,
    });
  }
  const sourceStamp = pairs === undefined ? undefined : await readSourceStamp(pairs);
  return {
    signing: {
      state: findings.schemes.length > 0 ? "unverified" : "unsigned",
      schemes: findings.schemes,
      certificates: uniqueCertificates(findings.certificates),
    },
    problems: findings.problems,
    ...(findings.lineage.length > 0 ? { lineage: uniqueCertificates(findings.lineage).map(keyFacts) } : {}),
    ...(sourceStamp === undefined ? {} : { sourceStamp }),
  };
}

async function readJarSigning(zip: Zip, findings: Findings): Promise<void> {
  const signers = findJarSigners(zip);
  if (signers.length > 0) findings.schemes.push("v1");
  if (signers.length > MAX_SIGNERS)
    findings.problems.push({
      code: "apk/signature-damaged",
      message: `The v1 signature has ${signers.length} signers, Android allows ${MAX_SIGNERS}.`,
    });
  for (const signer of signers.slice(0, MAX_SIGNERS)) {
    const read = await attempt(async () => {
      for (const id of await readAlsoSigned(zip, signer)) if (id === 2 || id === 3) findings.claimed.add(`v${id}`);
      return readJarCertificates(zip, signer);
    });
    if ("value" in read) findings.certificates.push(...read.value.map((certificate) => certificate.facts));
    else
      findings.problems.push({
        code: "apk/signature-damaged",
        message: `The v1 signature ${signer.block.name} is damaged: ${read.error.message}`,
      });
  }
}

async function readBlockScheme(value: Uint8Array | undefined, scheme: BlockScheme, findings: Findings): Promise<void> {
  if (value === undefined) return;
  findings.schemes.push(scheme);
  const read = await attempt(() => {
    for (const signer of parseSigners(value, scheme)) {
      if (signer.alsoSignedWith !== undefined) findings.claimed.add(signer.alsoSignedWith);
      if (signer.leaf !== undefined) findings.certificates.push(parseCertificate(signer.leaf).facts);
      findings.lineage.push(...signer.lineage.map((der) => parseCertificate(der).facts));
    }
  });
  if ("error" in read)
    findings.problems.push({ code: "apk/signature-damaged", message: `The ${scheme} signature is damaged: ${read.error.message}` });
}

async function readSourceStamp(block: SigningBlock): Promise<KeyFacts | undefined> {
  const read = await attempt(() => {
    const der = parseSourceStamp(block);
    return der && keyFacts(parseCertificate(der).facts);
  });
  return "value" in read ? read.value : undefined;
}

function keyFacts({ sha256, subject }: CertificateFacts): KeyFacts {
  return { sha256, subject };
}
