// v1, JAR signing as Android takes it (AOSP's V1SchemeVerifier): META-INF/MANIFEST.MF has digests of all entries outside META-INF, signature
// files have digests of the manifest, signature blocks are made over signature files. All entries have to be signed by the same signers.
import { createHash } from "node:crypto";
import { attempt } from "../../../broken.ts";
import { findJarSigners, type JarSigner } from "../../../formats/apk/jar-signature.ts";
import { MAX_SIGNERS } from "../../../formats/apk/signing-block.ts";
import type { Zip } from "../../../zip/open-zip.ts";
import { type Issue, issue } from "../issues.ts";
import type { Scheme, SchemeResult, SchemeSigner } from "../scheme.ts";
import type { JarFile } from "./jar-file.ts";
import { MANIFEST, MAX_MANIFEST_BYTES, readSmall } from "./read-manifest.ts";
import { type BlockOutcome, verifySignatureBlock } from "./signature-block.ts";
import { META_INF, verifyEntries } from "./signed-entries.ts";
import { type FileOutcome, verifySignatureFile } from "./signature-file.ts";

const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
const MAX_REMARKS = 20;

export interface JarQuestion {
  /** The lowest API level that has to accept it; undefined: it is no APK, and phones' algorithms do not matter. */
  readonly minSdk: number | undefined;
  /** Schemes of the signing block that were found; undefined: none is asked for. */
  readonly found: ReadonlySet<Scheme> | undefined;
}

/** For phones that are not named: those of today. */
export const TODAY = 24;

export async function verifyJar(jar: JarFile, question: JarQuestion): Promise<SchemeResult> {
  const { zip } = jar;
  const errors: Issue[] = [];
  const remarks: Issue[] = [];
  const refuse = (signers: readonly SchemeSigner[]): SchemeResult => ({ scheme: "v1", holds: false, signers, errors, remarks });
  const read = await jar.manifest();
  if ("errors" in read) return { ...refuse([]), errors: read.errors };
  const { manifest } = read;
  const pairs = findJarSigners(zip);
  remarks.push(...missingFiles(zip, pairs));
  if (pairs.length === 0) {
    errors.push(issue("JAR_SIG_NO_SIGNATURES", "There is a manifest, and no signature of it."));
    return refuse([]);
  }
  if (pairs.length > MAX_SIGNERS) {
    errors.push(issue("JAR_SIG_MAX_SIGNATURES_EXCEEDED", `${pairs.length} signatures; Android allows ${MAX_SIGNERS}.`));
    return refuse([]);
  }
  const blocks = [];
  for (const pair of pairs) blocks.push(await readSigner(jar, pair, question));
  if (blocks.some((block) => block.outcome === undefined)) return refuse(blocks.map((block) => schemeSigner(block)));

  const { found, minSdk = TODAY } = question;
  const files = blocks.map((block) => ({
    ...block,
    file: verifySignatureFile({ bytes: block.bytes, name: block.pair.signatureFile.name, manifest, minSdk, found }),
  }));
  if (files.some(({ file }) => !file.isIgnored && file.errors.length > 0)) return refuse(files.map((block) => schemeSigner(block)));
  const signers = files.filter(({ file }) => !file.isIgnored);
  for (const { file } of files.filter((one) => one.file.isIgnored)) remarks.push(...file.errors, ...file.remarks);
  if (signers.length === 0) {
    errors.push(issue("JAR_SIG_NO_SIGNATURES", "No signature counts."));
    return refuse([]);
  }
  const hashes = new Set(signers.flatMap(({ file }) => file.hash ?? []));
  const used = await verifyEntries(zip, { manifest, signers, minSdk, digests: await jar.digests(), hashes }, errors);
  if (errors.length > 0) return refuse(signers.map((block) => schemeSigner(block)));
  remarks.push(
    ...unprotected(
      zip,
      used.map(({ pair }) => pair),
    ),
  );
  return {
    scheme: "v1",
    holds: true,
    signers: used.map((block) => ({ ...schemeSigner(block), digests: [...hashes] })),
    errors,
    remarks,
    manifestSha256: createHash("sha256").update(manifest.bytes).digest(),
  };
}

interface ReadSigner {
  readonly pair: JarSigner;
  readonly bytes: Uint8Array;
  readonly outcome: BlockOutcome | undefined;
  readonly error?: Issue;
}

async function readSigner(jar: JarFile, pair: JarSigner, { minSdk }: JarQuestion): Promise<ReadSigner> {
  const bytes = await readSmall(jar.source, pair.signatureFile, MAX_MANIFEST_BYTES);
  const block = await readSmall(jar.source, pair.block, MAX_BLOCK_BYTES);
  const outcome = await verifySignatureBlock({ block, signatureFile: bytes, name: pair.block.name }, minSdk);
  return "message" in outcome ? { pair, bytes, outcome: undefined, error: outcome } : { pair, bytes, outcome };
}

function schemeSigner({ pair, outcome, error, file }: ReadSigner & { readonly file?: FileOutcome }): SchemeSigner {
  return {
    certificates: outcome?.certificates ?? [],
    ...(outcome && { algorithm: outcome.algorithm }),
    errors: [...(error ? [error] : []), ...(file?.errors ?? [])],
    remarks: file?.remarks ?? [],
    details: { signatureFile: pair.signatureFile.name, signatureBlock: pair.block.name },
  };
}

/** What lies in META-INF and belongs to no signature. */
function unprotected(zip: Zip, used: readonly JarSigner[]): readonly Issue[] {
  const own = new Set([MANIFEST, ...used.flatMap(({ block, signatureFile }) => [block.name, signatureFile.name])]);
  return zip.entries
    .filter(({ name }) => name.startsWith(META_INF) && !name.endsWith("/") && !own.has(name))
    .slice(0, MAX_REMARKS)
    .map(({ name }) => issue("JAR_SIG_UNPROTECTED_ZIP_ENTRY", "v1 does not cover what lies in META-INF: it may be changed.", name));
}

/** Blocks without a signature file: no phone looks at them. */
function missingFiles(zip: Zip, pairs: readonly JarSigner[]): readonly Issue[] {
  const paired = new Set(pairs.map(({ block }) => block.name));
  return zip.entries
    .filter(({ name }) => /^META-INF\/.*\.(?:RSA|DSA|EC)$/.test(name) && !paired.has(name))
    .slice(0, MAX_REMARKS)
    .map(({ name }) =>
      issue("JAR_SIG_MISSING_FILE", "The signature belongs to a signature file that is not there; it was passed over.", name),
    );
}

/** A manifest or signature that cannot be taken out of the archive refuses v1, not the rest. */
export async function verifyJarOrRefuse(jar: JarFile, question: JarQuestion): Promise<SchemeResult> {
  const result = await attempt(() => verifyJar(jar, question));
  if ("value" in result) return result.value;
  const error = issue("MALFORMED_APK", `The v1 signature cannot be read: ${result.error.message}.`);
  return { scheme: "v1", holds: false, signers: [], errors: [error], remarks: [] };
}
