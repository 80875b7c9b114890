import { type ByteSource, memorySource } from "@distd/core";
import { attempt, broken } from "../../broken.ts";
import { STORED, type ZipEntry } from "../../zip/directory.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { type SignatureVerdict, UNSIGNED, type Verdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { judgeApk } from "./apk.ts";
import { VERIFY_LIMITS } from "./apk-file.ts";
import { apkVerdict } from "./apk-verdict.ts";

const MAX_APKS = 2000;
/** bundletool stores APKs as they are; one that is compressed is held whole. */
const MAX_COMPRESSED_BYTES = 24 * 1024 * 1024;

interface SetApk {
  readonly path: string;
  readonly verdict: Verdict;
}

/**
 * A set of APKs, of which a device installs some: each has to hold, and all have to be by the signer of the first. Nothing signs the set itself,
 * or the list of what is for which device.
 */
export async function verifyApks(source: ByteSource, { trust }: VerifyContext): Promise<Verdict> {
  const zip = await openZip(source, VERIFY_LIMITS, { contiguous: false });
  const entries = zip.entries.filter(({ name }) => name.endsWith(".apk"));
  if (entries.length === 0) throw broken("apks: there is no APK in it");
  if (entries.length > MAX_APKS) throw broken(`apks: ${entries.length} APKs, at most ${MAX_APKS} are read`);
  const apks: SetApk[] = [];
  for (const entry of entries) apks.push({ path: entry.name, verdict: await verifyEntry(zip, entry, trust) });
  if (apks.every(({ verdict }) => verdict.intact === undefined)) return UNSIGNED;
  const problems = [...tellOnce(apks.flatMap(problemsOf)), ...strangers(apks)];
  const intact = apks.every(({ verdict }) => verdict.intact === true) && !problems.some(({ code }) => code === "signing/contradiction");
  problems.push({ code: "signing/partial", message: "The APKs are signed; which of them is for which device is not." });
  return { intact, trusted: intact && apks.every(({ verdict }) => verdict.trusted === true), signatures: joinEqual(apks), problems };
}

async function verifyEntry(zip: Zip, entry: ZipEntry, trust: VerifyContext["trust"]): Promise<Verdict> {
  const verdict = await attempt(async () => apkVerdict(await judgeApk(await openEntry(zip, entry), undefined), trust));
  if ("value" in verdict) return verdict.value;
  const message = `It cannot be read: ${verdict.error.message}.`;
  return { intact: false, trusted: false, signatures: [], problems: [{ code: "signing/malformed", message }] };
}

async function openEntry(zip: Zip, entry: ZipEntry): Promise<ByteSource> {
  if (entry.method === STORED) return zip.forward(entry);
  if (entry.bytes + entry.compressedBytes > MAX_COMPRESSED_BYTES) throw broken(`${entry.name} is compressed, and too large to be read so`);
  return memorySource(await zip.read(entry));
}

function problemsOf({ path, verdict }: SetApk): readonly VerdictProblem[] {
  if (verdict.intact === undefined) return [{ code: "signing/uncovered", message: "Nobody signed this APK.", where: path }];
  return verdict.problems.map((problem) => ({ ...problem, where: problem.where === undefined ? path : `${path}: ${problem.where}` }));
}

/** What changes nothing is told of one APK, for all that have it. */
function tellOnce(problems: readonly VerdictProblem[]): readonly VerdictProblem[] {
  const told = new Set<string>();
  return problems.filter(({ code, message }) => {
    const isNew = VERDICT_CODES[code] !== "weak" || !told.has(`${code} ${message}`);
    told.add(`${code} ${message}`);
    return isNew;
  });
}

/** APKs whose signer, as the newest phones see it, is not that of the first that is signed. */
function strangers(apks: readonly SetApk[]): readonly VerdictProblem[] {
  const signed = apks
    .filter(({ verdict }) => verdict.intact === true)
    .map(({ path, verdict }) => ({ path, signers: newestSigners(verdict) }));
  const [first] = signed;
  return signed
    .filter(({ signers }) => signers !== first?.signers)
    .map(({ path }) => ({ code: "signing/contradiction", message: `It is signed by others than ${first?.path}.`, where: path }));
}

function newestSigners({ signatures }: Verdict): string {
  const newest = signatures.filter(
    ({ details }) => Array.isArray(details?.["apiLevels"]) && details["apiLevels"].some((levels) => String(levels).endsWith("+")),
  );
  return newest
    .map(({ signer }) => signer?.certificates[0]?.sha256 ?? "")
    .sort()
    .join(" ");
}

/** Signatures that say the same are told once, with the APKs they are in. */
function joinEqual(apks: readonly SetApk[]): readonly SignatureVerdict[] {
  const found = new Map<string, { readonly signature: SignatureVerdict; readonly paths: string[] }>();
  for (const { path, verdict } of apks) {
    for (const signature of verdict.signatures) {
      const key = JSON.stringify(signature);
      const same = found.get(key);
      if (same) same.paths.push(path);
      else found.set(key, { signature, paths: [path] });
    }
  }
  return [...found.values()].map(({ signature, paths }) => ({ ...signature, details: { ...signature.details, apks: paths } }));
}
