// Lists of digests beside an artifact (`SHA256SUMS`, `notes.tar.gz.sha256`), and who signed the list: `SHA256SUMS.asc`, `SHA256SUMS.minisig`, or in place.
import { memorySource } from "@distd/core";
import { FORMATS } from "../../formats/index.ts";
import { minisign } from "../minisign/index.ts";
import { isComputed, joinJudged } from "../join-judged.ts";
import { readKeyRing } from "../openpgp/key-ring.ts";
import { problem } from "../problem.ts";
import type { HashName } from "../public-key.ts";
import { sigstore } from "../sigstore/index.ts";
import { joinSignatures, type SignatureVerdict, type Verdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { BesideVerifier, VerifyContext } from "../verifier.ts";
import { verifyAll } from "../verify-all.ts";
import { digestOf } from "../whole-file.ts";
import { type DigestList, judgeOpenPgp, type JudgedList, readLists } from "./read-lists.ts";
import { type Row, rowsOf } from "./rows.ts";

const SCHEME = "checksums";
const MAX_LISTS = 8;
/** Those of other families that may be beside a list. */
const SIGNERS: readonly BesideVerifier[] = [minisign, sigstore];

export const checksums: BesideVerifier = {
  id: "checksums",
  // Any file can be listed.
  formats: FORMATS.map(({ id }) => id),
  async begin(context, whole) {
    const lists = (await readLists(context.fileName, context.beside)).flatMap((list) => {
      const own = rowsOf(list.rows, context.fileName, list.isOfFile);
      return own.rows.length > 0 || list.problem !== undefined ? [{ list, ...own }] : [];
    });
    if (lists.length > MAX_LISTS) return () => joinSignatures([], [problem("signing/unsupported", `${lists.length} lists of digests`)]);
    const hashes = new Map(lists.flatMap(({ rows }) => rows.map(({ hash }) => [hash, whole.hash(hash)] as const)));
    return async () => {
      const digests = new Map([...hashes].map(([name, hash]) => [name, digestOf(hash).toString("hex")]));
      const verdicts: Verdict[] = [];
      for (const { list, rows, isExact } of lists)
        verdicts.push(await judgeList(list, compare(rows, isExact, digests, list.name), context));
      return joinSignatures(
        verdicts.flatMap(({ signatures }) => signatures),
        verdicts.flatMap(({ problems }) => problems),
      );
    };
  },
};

/** Every row under the file's own name has to be right; of those in folders one has to be. */
function compare(rows: readonly Row[], isExact: boolean, digests: ReadonlyMap<HashName, string>, where: string): readonly VerdictProblem[] {
  const right = rows.filter(({ hash, digest }) => digests.get(hash) === digest);
  if (isExact ? right.length === rows.length : right.length > 0) return [];
  return right.length > 0
    ? [problem("signing/contradiction", "the list has several digests of it, and they differ", where)]
    : [problem("signing/digest-mismatch", "the list has another digest of it", where)];
}

/** What the list says holds as far as the list itself does. */
async function judgeList(list: DigestList, found: readonly VerdictProblem[], context: VerifyContext): Promise<Verdict> {
  if (list.problem !== undefined) return { signatures: [], problems: [list.problem] };
  const { judged, problems } = await judgeSigners(list, context);
  const details = { list: list.name };
  if (judged.some(isComputed) || problems.some(({ code }) => VERDICT_CODES[code] === "fatal")) {
    const over = judged.map((one) => {
      const own = { ...one, details: { ...one.details, ...details } };
      if (!isComputed(one) || found.length === 0) return own;
      return { ...own, intact: false, trusted: false, problems: [...found, ...own.problems] };
    });
    return joinJudged(over, [...problems, ...(over.length === 0 ? found : [])]);
  }
  // Nobody known signed it: it is as good as whoever could write it.
  const nobody = problem(
    "signing/nobody",
    "a list of digests that nobody signed: whoever can change the file can change it too",
    list.name,
  );
  const unknown = judged.flatMap((one) => one.problems);
  const isIntact = found.length === 0;
  const reasons = isIntact ? (unknown.length > 0 ? unknown : [nobody]) : found;
  const verdict: SignatureVerdict = {
    scheme: SCHEME,
    intact: isIntact,
    trusted: false,
    problems: reasons,
    details: { where: list.name, ...details },
  };
  return { signatures: [verdict], problems };
}

async function judgeSigners(list: DigestList, context: VerifyContext): Promise<JudgedList> {
  const { judged, problems } = await judgeOpenPgp(list, context.beside, readKeyRing(context.trust.keys), context.now);
  const all = { judged: [...judged], problems: [...problems] };
  if (list.text !== undefined) return all;
  for (const said of await verifyAll(memorySource(list.bytes), SIGNERS, { ...context, format: "file", fileName: list.name })) {
    all.judged.push(...said.signatures);
    all.problems.push(...said.problems);
  }
  return all;
}
