// Agreement with objdump on AppImages nobody here wrote: the section of the signature is empty in all of them, or not there.
import { basename } from "node:path";
import { describeAgreement, type Json, type Row } from "../../test-support/corpus.ts";
import type { Verdict } from "../verdict.ts";
import { NO_TRUST } from "../verifier.ts";
import { appimage } from "./index.ts";

function rowsOf({ intact, trusted, signatures, problems }: Verdict, truth: Json): readonly Row[] {
  const isSigned = typeof truth[".sha256_sig"] === "string" && truth[".sha256_sig"] !== "";
  return [
    ["read", problems.some(({ code }) => code === "signing/malformed"), false],
    ["signed", signatures.length > 0, isSigned],
    ["intact", intact, isSigned ? true : undefined],
    ["trusted", trusted, isSigned ? false : undefined],
  ];
}

describeAgreement({
  about: "verdicts",
  tool: "objdump",
  folders: ["appimage"],
  async rowsOf(source, truth, path) {
    const context = { format: "appimage", fileName: basename(path), now: new Date("2026-06-01"), trust: NO_TRUST, beside: new Map() };
    return rowsOf(await appimage.verify(source, context), truth);
  },
  exceptions: {},
});
