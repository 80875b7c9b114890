// Agreement with what npm's own library (ssri) says of tarballs nobody here wrote: with that integrity in a registry's words, each is intact, and with
// another it is not. The files come without signatures.
import { memorySource } from "@distd/core";
import { npm as format } from "../../formats/npm/index.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { describeAgreement } from "../../test-support/corpus.ts";
import { NO_TRUST } from "../verifier.ts";
import { npm } from "./index.ts";

const FILE = "a.tgz";

describeAgreement({
  about: "verdicts",
  tool: "ssri",
  folders: ["npm"],
  async rowsOf(source, truth) {
    const { name, version } = JSON.parse(Buffer.from((await format.readMetadata?.(source, DEFAULT_LIMITS)) ?? []).toString()) as Record<
      string,
      string
    >;
    const verify = async (integrity: string) => {
      const said = memorySource(Buffer.from(JSON.stringify({ name, version, dist: { integrity } })));
      const beside = new Map([[`${FILE}.npm-signatures.json`, said]]);
      return npm.verify(source, { format: "npm", fileName: FILE, now: new Date("2026-06-01"), trust: NO_TRUST, beside });
    };
    const integrity = String(truth["integrity"]);
    const [own, other] = [await verify(integrity), await verify(integrity.replace(/-./, (start) => (start === "-A" ? "-B" : "-A")))];
    return [
      ["intact", own.intact, true],
      ["trusted", own.trusted, false],
      ["another's integrity", other.intact, false],
    ];
  },
  exceptions: {},
});
