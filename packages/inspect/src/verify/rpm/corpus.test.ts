// Agreement with rpmkeys on files nobody here wrote. It was run without keys: what it says of digests, and by whom packages are signed.
import { basename } from "node:path";
import { describeAgreement, type Exceptions, type Json, listed, type Row } from "../../test-support/corpus.ts";
import { VERDICT_CODES, type Verdict } from "../verdict.ts";
import { NO_TRUST } from "../verifier.ts";
import { rpm } from "./index.ts";

const EXCEPTIONS: Exceptions = {
  "createrepo_c__empty-signed-v6-multiple-0-0.x86_64.rpm": [
    "signed by",
    "rpm 4.18 does not know the tag in which version 6 has its signatures; there is one more, of another key",
  ],
};

function rowsOf({ intact, signatures, problems }: Verdict, { rpmkeys }: Json): readonly Row[] {
  const lines = rpmkeys["lines"] as readonly string[];
  const all = [...problems, ...signatures.flatMap((one) => one.problems)];
  const isRead = lines.length > 0 && !lines.some((line) => line.startsWith("error:"));
  const keys = lines.flatMap((line) => /key ID ([0-9a-f]+): /.exec(line)?.[1]?.toUpperCase() ?? []);
  const ours = signatures.map(({ details }) => String(details?.["claimedKey"]).slice(-8));
  return [
    ["read", !all.some(({ code }) => code === "signing/malformed"), isRead],
    ["changed", all.some(({ code }) => VERDICT_CODES[code] === "fatal"), !isRead || lines.some((line) => line.includes("BAD"))],
    ["intact", intact, !isRead || lines.some((line) => line.includes("BAD")) ? false : undefined],
    ["signed by", listed(ours), listed(keys)],
  ];
}

describeAgreement({
  about: "verdicts",
  tool: "rpmkeys",
  folders: ["rpm"],
  async rowsOf(source, truth, path) {
    const context = { format: "rpm", fileName: basename(path), now: new Date("2026-06-01"), trust: NO_TRUST, beside: new Map() };
    return rowsOf(await rpm.verify(source, context), truth);
  },
  exceptions: EXCEPTIONS,
});
