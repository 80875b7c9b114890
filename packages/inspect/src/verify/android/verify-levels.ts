// Whether a package is accepted by every phone from an API level on (AOSP's ApkVerifier, without an upper bound). A phone looks at the newest
// scheme it knows; so all schemes count that some of these phones look at, and they have to agree on whose the package is.
import { type ByteSource, DistError } from "@distd/core";
import { attempt } from "../../broken.ts";
import type { ApkFile } from "./apk-file.ts";
import { contentDigestsOf, hasBlockScheme, verifyBlockScheme } from "./block-scheme.ts";
import { type ApkDigests, digestApk } from "./content-digests.ts";
import { type DeclaredSdk, readDeclaredSdk } from "./declared-sdk.ts";
import { type Issue, issue } from "./issues.ts";
import { digestEntries, type EntryDigests, NO_ENTRY_DIGESTS } from "./jar/entry-digests.ts";
import type { JarFile } from "./jar/jar-file.ts";
import { readManifest } from "./jar/read-manifest.ts";
import { verifyJarOrRefuse } from "./jar/verify-jar.ts";
import type { Lineage } from "./lineage.ts";
import { once } from "./once.ts";
import { compareSchemes } from "./scheme-agreement.ts";
import { allErrors, type Scheme, type SchemeResult } from "./scheme.ts";
import { type SourceStamp, type StampedDigest, type StampedSchemes, verifySourceStamp } from "./source-stamp.ts";

const N = 24;
const P = 28;
/** Packages made for this level or a newer one need more than v1. */
const R = 30;

/** What is computed once, however many API levels ask. */
export interface Evidence {
  readonly apk: ApkFile;
  /** Why the package says nothing of API levels at all. */
  readonly declared: DeclaredSdk | DistError;
  readonly digests: () => Promise<ApkDigests>;
  readonly jar: JarFile;
}

/** `minSdks`: the levels that will be asked for, beside the package's own. `hasIdsig`: the tree that v4 signs will be too. */
export async function gatherEvidence(apk: ApkFile, minSdks: readonly number[], hasIdsig: boolean): Promise<Evidence> {
  const { source, zip } = apk;
  const read = await attempt(() => readDeclaredSdk(zip));
  const declared = "value" in read ? read.value : read.error;
  const own = declared instanceof DistError ? undefined : declared.minSdk;
  const levels = own === undefined ? minSdks : [own, ...minSdks];
  const manifest = once(() => readManifest(source, zip));
  let entries: EntryDigests = NO_ENTRY_DIGESTS;
  const alongside = async (along: ByteSource): Promise<void> => {
    entries = await digestEntries(along, { zip, manifest }, levels);
  };
  const looksAtJar = levels.some((level) => level < N) || !hasBlockScheme(apk);
  const digests = once(() => digestApk(apk, { contents: contentDigestsOf(apk), tree: hasIdsig, ...(looksAtJar && { alongside }) }));
  const digestsOfEntries = async (): Promise<EntryDigests> => {
    await digests();
    return entries;
  };
  return { apk, declared, digests, jar: { source, zip, manifest, digests: digestsOfEntries } };
}

export interface LevelsResult {
  /** Undefined: the package does not say its own in a way that can be read. */
  readonly minSdk: number | undefined;
  /** Every phone from that level on takes it. */
  readonly isAccepted: boolean;
  /** Those that were looked at before the first error. */
  readonly schemes: readonly SchemeResult[];
  /** Of the package as a whole. */
  readonly errors: readonly Issue[];
  readonly lineage?: Lineage;
  readonly stamp?: SourceStamp;
}

/** `minSdk` undefined: the package's own. */
export async function verifyLevels(evidence: Evidence, minSdk: number | undefined): Promise<LevelsResult> {
  const { declared } = evidence;
  const level = minSdk ?? (declared instanceof DistError ? undefined : declared.minSdk);
  if (level !== undefined) return verifyFrom(evidence, level);
  const why = declared instanceof DistError ? declared.message : "the manifest does not say from which API level on";
  return { minSdk: level, isAccepted: false, schemes: [], errors: [issue("MALFORMED_APK", `The package cannot be judged: ${why}.`)] };
}

async function verifyFrom(evidence: Evidence, minSdk: number): Promise<LevelsResult> {
  const { apk, declared } = evidence;
  const schemes: SchemeResult[] = [];
  const found = new Set<Scheme>();
  const errors: Issue[] = [];
  const end = (): LevelsResult => {
    const lineage = schemes.find((one) => one.lineage !== undefined)?.lineage;
    return { minSdk, isAccepted: false, schemes, errors, ...(lineage && { lineage }) };
  };
  const isRefused = (): boolean => errors.length > 0 || schemes.some((scheme) => allErrors(scheme).length > 0);

  await verifyBlocks(evidence, minSdk, { schemes, found, errors });
  if (isRefused()) return end();
  if (declared instanceof DistError) {
    errors.push(issue("MALFORMED_APK", `The package cannot be judged: ${declared.message}.`));
    return end();
  }
  if (declared.targetSandbox > 1 && found.size === 0)
    errors.push(issue("NO_SIG_FOR_TARGET_SANDBOX_VERSION", "The package asks for the sandbox of Android 8, which needs v2 or newer."));
  if (minSdk < N || found.size === 0) schemes.push(await verifyJarOrRefuse(evidence.jar, { minSdk, found }));
  if (isRefused()) return end();

  const stamp = await verifySourceStamp(apk, minSdk, stampedSchemes(schemes));
  const { lineage } = end();
  errors.push(...compareSchemes(schemes, lineage));
  if (declared.targetSdk >= R && !schemes.some((one) => one.scheme !== "v1" && one.holds))
    errors.push(issue("MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET", `A package made for API level ${declared.targetSdk} needs v2 or newer.`));
  return { ...end(), isAccepted: errors.length === 0, ...(stamp && { stamp }) };
}

interface Progress {
  readonly schemes: SchemeResult[];
  readonly found: Set<Scheme>;
  readonly errors: Issue[];
}

/** v3.1, v3, v2: each newer one may say that the next must be there, and the other way round. The first that is refused ends it. */
async function verifyBlocks({ apk, digests }: Evidence, minSdk: number, { schemes, found, errors }: Progress): Promise<void> {
  const verify = async (scheme: "v2" | "v3" | "v3.1", from: number, rotationMinSdk?: number): Promise<SchemeResult | undefined> => {
    const question = { scheme, minSdk: from, found, ...(rotationMinSdk !== undefined && { rotationMinSdk }) };
    const result = await verifyBlockScheme(apk, question, digests);
    if (result) {
      schemes.push(result);
      found.add(scheme);
    }
    return result;
  };
  const newest = await verify("v3.1", minSdk);
  if (newest?.holds === false) return;
  const rotationMinSdk = newest && Math.min(...newest.signers.map(({ range }) => range?.minSdk ?? 0));
  const v3 = await verify("v3", Math.max(minSdk, P), rotationMinSdk || undefined);
  if (newest && !v3) errors.push(issue("V31_BLOCK_FOUND_WITHOUT_V3_BLOCK", "v3.1 needs a v3 signature for older phones; there is none."));
  if (errors.length > 0 || v3?.holds === false) return;
  if (minSdk < P || found.size === 0) await verify("v2", Math.max(minSdk, N));
}

/** What the source stamp has to be over: the contents as each scheme states them, of v1 the manifest. */
function stampedSchemes(schemes: readonly SchemeResult[]): StampedSchemes {
  return new Map(
    schemes.map(({ scheme, signers, manifestSha256 }) => {
      const digests: (readonly [StampedDigest, Uint8Array])[] = signers.flatMap(({ contents }) => [...(contents ?? [])]);
      return [scheme, new Map(manifestSha256 ? [["manifest-sha256", manifestSha256]] : digests)];
    }),
  );
}
