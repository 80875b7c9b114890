// Agreement with ar and dpkg-deb on packages nobody here wrote: what is whole, and which members hold signatures. None of them is signed.
import { basename } from "node:path";
import { describeAgreement, type Json, listed, type Row } from "../../test-support/corpus.ts";
import type { Verdict } from "../verdict.ts";
import { NO_TRUST } from "../verifier.ts";
import { deb } from "./index.ts";

function rowsOf({ intact, trusted, signatures, problems }: Verdict, { contents, signatureMember }: Json): readonly Row[] {
  const isRead = contents.rc === 0;
  const members = (signatureMember as readonly string[]).map((name) => name.replace(/\/$/, ""));
  return [
    ["read", !problems.some(({ code }) => code === "signing/malformed"), isRead],
    ["signed by", listed(signatures.map(({ details }) => details?.["where"])), listed(members)],
    ["intact", intact, isRead ? undefined : false],
    ["trusted", trusted, isRead ? undefined : false],
  ];
}

describeAgreement({
  about: "verdicts",
  tool: "ar and dpkg-deb",
  folders: ["deb"],
  async rowsOf(source, truth, path) {
    const context = { format: "deb", fileName: basename(path), now: new Date("2026-06-01"), trust: NO_TRUST, beside: new Map() };
    return rowsOf(await deb.verify(source, context), truth);
  },
  exceptions: {},
});
