import type { ByteSource } from "@distd/core";
import type { Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { openApkFile } from "./apk-file.ts";
import { apkVerdict, type JudgedApk } from "./apk-verdict.ts";
import { verifyV4 } from "./scheme-v4.ts";
import { gatherEvidence, type LevelsResult, verifyLevels } from "./verify-levels.ts";

/** Beside the package's own lowest API level: where the signing block begins to count, and where v3.1 does. */
const MIN_SDKS = [24, 33] as const;

/** An APK, and its v4 signature where that lies beside it. */
export async function verifyApk(source: ByteSource, { fileName, beside, trust }: VerifyContext): Promise<Verdict> {
  return apkVerdict(await judgeApk(source, beside.get(`${fileName}.idsig`)), trust);
}

/** `idsig` decides nothing about the APK, which phones install without it just as well. */
export async function judgeApk(source: ByteSource, idsig: ByteSource | undefined): Promise<JudgedApk> {
  const apk = await openApkFile(source);
  const evidence = await gatherEvidence(apk, MIN_SDKS, idsig !== undefined);
  const runs: LevelsResult[] = [];
  for (const minSdk of [undefined, ...MIN_SDKS]) runs.push(await verifyLevels(evidence, minSdk));
  if (idsig === undefined) return { apk, runs };
  const { schemes } = runs.find(({ isAccepted }) => isAccepted) ?? { schemes: [] };
  return { apk, runs, v4: await verifyV4(idsig, apk.source.size, schemes, async () => (await evidence.digests()).tree) };
}
