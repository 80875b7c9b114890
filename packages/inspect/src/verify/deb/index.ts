// How Debian packages are signed: debsigs keeps OpenPGP signatures over debian-binary, control.tar and data.tar beside them in the archive,
// dpkg-sig a signed list of digests of the members. Followed: debsig-verify 0.28, dpkg-sig 0.13.1.
import type { ByteSource } from "@distd/core";
import type { ArMember } from "../../ar/read-ar.ts";
import { malformedInstead } from "../malformed-instead.ts";
import { isBroken } from "../../broken.ts";
import { type ClearText, isClearText, judgeClearText, readClearText } from "../openpgp/clear-text.ts";
import { readDetached } from "../openpgp/detached.ts";
import { isComputed, joinJudged } from "../join-judged.ts";
import { judgeSignature } from "../openpgp/judge-signature.ts";
import { type KeyRing, readKeyRing } from "../openpgp/key-ring.ts";
import type { OpenPgpSignature } from "../openpgp/signature-packet.ts";
import { problem, unreadable } from "../problem.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { hashMembers, type MemberHashes } from "./member-hashes.ts";
import { compareList, type MemberList, parseMemberList } from "./member-list.ts";
import { type PackageMembers, readPackageMembers } from "./package-members.ts";

const MAX_SIGNATURE_BYTES = 256 * 1024;
const MAX_SIGNATURES = 16;

export const deb: Verifier = {
  id: "deb",
  formats: ["deb"],
  verify: (source, context) => malformedInstead(() => verifyDeb(source, context)),
};

interface Found {
  readonly detached: readonly { readonly signature: OpenPgpSignature; readonly where: string }[];
  readonly lists: readonly { readonly text: ClearText; readonly list: MemberList; readonly where: string }[];
  readonly problems: readonly VerdictProblem[];
}

async function verifyDeb(source: ByteSource, { trust, now }: VerifyContext): Promise<Verdict> {
  const members = await readPackageMembers(source);
  if (members.signatures.length === 0) return UNSIGNED;
  const { detached, lists, problems } = await readSignatures(source, members.signatures);
  if (detached.length + lists.length > MAX_SIGNATURES) return joinSignatures([], [problem("signing/unsupported", "too many signatures")]);
  const listed = new Set(lists.flatMap(({ list }) => list.members.map(({ name }) => name)));
  const hashes = await hashMembers(source, members.content, {
    content: detached.map(({ signature }) => signature.hash),
    members: members.all.filter(({ name }) => listed.has(name)),
  });
  const ring = readKeyRing(trust.keys);
  const judged = [
    ...detached.flatMap(({ signature, where }): readonly SignatureVerdict[] => {
      const hash = hashes.content.get(signature.hash);
      return hash ? [judgeSignature(signature, hash, { scheme: "debsigs", where, ring, now })] : [];
    }),
    ...lists.flatMap((one) => judgeList(one, members, hashes, ring, now)),
  ];
  return joinJudged(judged, [...problems, ...uncovered(members, judged)]);
}

async function readSignatures(source: ByteSource, members: readonly ArMember[]): Promise<Found> {
  const detached: Found["detached"][number][] = [];
  const lists: Found["lists"][number][] = [];
  const problems: VerdictProblem[] = [];
  for (const { name: where, offset, bytes } of members) {
    if (bytes > MAX_SIGNATURE_BYTES) {
      problems.push(problem("signing/unsupported", `a signature of ${bytes} bytes`, where));
      continue;
    }
    const content = await source.read(offset, bytes);
    try {
      const text = isClearText(content) ? readClearText(content, where) : undefined;
      const read = text ? text.signatures : readDetached(content, where);
      problems.push(...read.flatMap((one) => ("problem" in one ? [one.problem] : [])));
      if (text === undefined) {
        detached.push(...read.flatMap((one) => ("signature" in one ? [{ signature: one.signature, where }] : [])));
        continue;
      }
      const list = parseMemberList(text.lines);
      if (list === undefined) problems.push(problem("signing/unsupported", "a list of members of a form that is not known here", where));
      else lists.push({ text, list, where });
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      problems.push(unreadable(thrown, where));
    }
  }
  return { detached, lists, problems };
}

/** What differs from the list makes the package another than was signed, by whomever. */
function judgeList(
  { text, list, where }: Found["lists"][number],
  members: PackageMembers,
  hashes: MemberHashes,
  ring: KeyRing,
  now: Date,
): readonly SignatureVerdict[] {
  const found = compareList(list, members, hashes.members, where);
  return judgeClearText(text, { scheme: "dpkg-sig", where, ring, now }).map((verdict) => {
    const own = { ...verdict, details: { ...verdict.details, role: list.role } };
    if (found.length > 0) return { ...own, intact: false, trusted: false, problems: [...found, ...verdict.problems] };
    const weak = problem("signing/weak-algorithm", "it is over digests by MD5 and SHA-1", where);
    return verdict.intact ? { ...own, problems: [...verdict.problems, weak] } : own;
  });
}

/** Said where something was computed: without a key nothing is. */
function uncovered({ others }: PackageMembers, judged: readonly SignatureVerdict[]): readonly VerdictProblem[] {
  if (!judged.some(isComputed)) return [];
  return others.map(({ name }) =>
    name.startsWith("_")
      ? problem("signing/partial", "a member that no signature covers, and that dpkg passes over", name)
      : problem("signing/uncovered", "a member behind data.tar that no signature covers", name),
  );
}
