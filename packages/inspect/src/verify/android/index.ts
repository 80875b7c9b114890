// How Android packages are signed: APKs by themselves and in sets, bundles, and v4 signatures beside an APK. docs/signatures/android.md
import type { ByteSource } from "@distd/core";
import { attempt } from "../../broken.ts";
import type { Verdict } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { verifyAab } from "./aab.ts";
import { verifyApk } from "./apk.ts";
import { verifyApks } from "./apks.ts";
import { verifyIdsig } from "./idsig.ts";

type VerifyFormat = (source: ByteSource, context: VerifyContext) => Promise<Verdict>;

const FORMATS: Readonly<Record<string, VerifyFormat>> = { apk: verifyApk, apks: verifyApks, aab: verifyAab, idsig: verifyIdsig };

export const android: Verifier = {
  id: "android",
  formats: Object.keys(FORMATS),
  async verify(source, context) {
    const verify = FORMATS[context.format] ?? verifyApk;
    const verdict = await attempt(() => verify(source, context));
    return "value" in verdict ? verdict.value : unreadable(verdict.error.message);
  },
};

function unreadable(message: string): Verdict {
  return {
    intact: false,
    trusted: false,
    signatures: [],
    problems: [{ code: "signing/malformed", message: `It cannot be read: ${message}.` }],
  };
}
