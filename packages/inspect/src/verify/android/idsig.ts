import type { ByteSource } from "@distd/core";
import type { Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { judgeApk } from "./apk.ts";
import { apkVerdict } from "./apk-verdict.ts";

const ENDING = ".idsig";

/** A v4 signature, against the APK it lies beside: without that nothing can be computed, for it signs the APK's size. */
export async function verifyIdsig(source: ByteSource, { fileName, beside, trust }: VerifyContext): Promise<Verdict> {
  const name = fileName.endsWith(ENDING) ? fileName.slice(0, -ENDING.length) : fileName;
  const apk = beside.get(name);
  if (apk === undefined) {
    const message = `The APK that this signature is of, ${JSON.stringify(name)}, is not beside it.`;
    return { intact: false, trusted: false, signatures: [], problems: [{ code: "signing/subject-missing", message }] };
  }
  const { intact: isApkIntact, signatures, problems } = await apkVerdict(await judgeApk(apk, source), trust);
  const own = signatures.filter(({ scheme }) => scheme === "v4");
  // v4 stands on the APK's own signature: where that does not hold, v4 does not.
  const causes = isApkIntact ? [] : signatures.filter((one) => one.scheme !== "v4" && !one.intact).flatMap((one) => one.problems);
  const intact = isApkIntact === true && own.every((one) => one.intact);
  return { intact, trusted: intact && own.some(({ trusted }) => trusted), signatures: own, problems: [...problems, ...causes] };
}
