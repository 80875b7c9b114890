// Agreement with the corpus's own reader of signatures on files nobody here wrote. It reads and does not verify: what holds is computed here.
import { describeAgreement, type Exceptions, type Json, type Row } from "../../test-support/corpus.ts";
import type { Verdict } from "../verdict.ts";
import { formatOf, verifySource } from "../../test-support/apple/signed-files.ts";

const FOLDERS = ["macho", "macapp", "ipa", "dmg"];
/** Not every file in these folders is of the format: some are containers around one, or other archives. */
const OTHERS = /\.(?:pkg|7z|xar)$|\.dmg\.zip$|tarball\.tgz$/;
const NOW = new Date("2026-11-20T00:00:00Z");

/** Files that are signed → whether what was signed is there; the corpus does not say, so this is the reason why. */
const INTACT: Readonly<Record<string, readonly [intact: boolean, reason: string]>> = {
  "macho/file-type__fixture-arm64.macho": [true, "signed by the linker, ad hoc; every page has the hash its code directory says"],
  "macho/file-type__fixture-i386.macho": [
    true,
    "Apple's own, under Apple Root CA; rcodesign calls the CMS signature bad, openssl cms does not",
  ],
  "macho/file-type__fixture-ppc7400.macho": [
    true,
    "Apple's own, under Apple Root CA; rcodesign calls the CMS signature bad, openssl cms does not",
  ],
  "macapp/sparkle__DevSignedApp.zip": [true, "Developer ID, with a timestamp; rcodesign finds no problem in it either"],
  "ipa/fastlane__very-capable-app.ipa": [true, "self-signed; rcodesign finds no problem in it either"],
  "ipa/tika__testIPA.ipa": [false, "the store signed it in November 2010, its Info.plist was edited in February 2011"],
};

const EXCEPTIONS: Exceptions = {};

function rowsOf(verdict: Verdict, truth: Json, path: string): readonly Row[] {
  const [first] = verdict.signatures;
  const slices: readonly Json[] = slicesOf(truth);
  const signed = slices.filter(({ signed: is }) => is);
  const [intact] = INTACT[path] ?? [];
  const codes = verdict.signatures.flatMap(({ problems }) => problems.map(({ code }) => code));
  return [
    ["signed", verdict.signatures.length > 0, signed.length > 0 || (truth["own_koly"]?.codeSignatureLen ?? 0) > 0],
    ["slices", (first?.details?.["cdhashes"] as readonly unknown[] | undefined)?.length ?? 0, signed.length],
    ["identifier", first?.details?.["identifier"], signed[0]?.["identifier"]],
    ["teamId", first?.details?.["teamId"], signed[0]?.["teamId"]],
    ["adHoc", codes.includes("signing/nobody"), signed.some(({ adhoc }) => adhoc)],
    ["signer", first?.signer !== undefined, signed.some(({ cms }) => cms)],
    ["intact", verdict.intact, intact],
    ["profile", (first?.details?.["profile"] as Json | undefined)?.["kind"], truth["provision"]?.profileType],
    ["devices", (first?.details?.["profile"] as Json | undefined)?.["devices"], truth["provision"]?.devices],
  ];
}

/** Of the executable, of the one in the app, or of the apps in the archive. */
function slicesOf(truth: Json): readonly Json[] {
  const apps = typeof truth["apps"] === "object" && !Array.isArray(truth["apps"]) ? Object.values<Json>(truth["apps"] ?? {}) : [];
  return [truth["own_macho"], ...apps.map((app) => app["own_macho"])].flatMap((macho: Json | null | undefined) => macho?.["slices"] ?? []);
}

describeAgreement({
  about: "verdicts",
  tool: "the corpus's own reader, rcodesign and openssl",
  folders: FOLDERS,
  includes: (path) => FOLDERS.includes(formatOf(path)) && !OTHERS.test(path),
  rowsOf: async (source, truth, path) => rowsOf(await verifySource(path, source, { now: NOW }), truth, path),
  exceptions: EXCEPTIONS,
});
