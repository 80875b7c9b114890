// What dpkg-sig signs: a text that lists the members (dpkg-sig(1), version 4 of its form).
//
//   Version: 4
//   Role: builder
//   Files:
//     3cf918272ffa5de195752d73f3da3e5e 7959c969e092f2a5a8604e2287807ac5b1b384ad 4 debian-binary
import { broken } from "../../broken.ts";
import { problem } from "../problem.ts";
import type { VerdictProblem } from "../verdict.ts";
import type { MemberDigests } from "./member-hashes.ts";
import type { PackageMembers } from "./package-members.ts";

const ROW = /^([0-9a-f]{32})\s+([0-9a-f]{40})\s+(\d{1,15})\s+(\S+)$/;
const MAX_ROWS = 64;

export interface ListedMember extends MemberDigests {
  readonly name: string;
}

export interface MemberList {
  /** What the signature is for: the member's name behind `_gpg`. */
  readonly role: string;
  readonly members: readonly ListedMember[];
}

/** Undefined: a form that is not known here. What cannot be read is `artifact/broken`. */
export function parseMemberList(lines: readonly string[]): MemberList | undefined {
  const fields = new Map<string, string[]>();
  let rows: string[] | undefined;
  for (const line of lines) {
    const field = /^(\S+?):\s*(.*)$/.exec(line);
    if (field !== null) {
      const name = (field[1] as string).toLowerCase();
      if (fields.has(name)) throw broken(`deb: a list of members has ${name} twice`);
      rows = [field[2] as string].filter((text) => text !== "");
      fields.set(name, rows);
    } else if (/^\s+\S/.test(line)) rows?.push(line.trim());
  }
  if (fields.get("version")?.join() !== "4") return undefined;
  const members = (fields.get("files") ?? []).map(parseRow);
  if (members.length > MAX_ROWS) throw broken(`deb: a list of ${members.length} members`);
  return { role: (fields.get("role") ?? []).join(), members };
}

function parseRow(row: string): ListedMember {
  const [, md5, sha1, bytes, name] = ROW.exec(row) ?? [];
  if (md5 === undefined || sha1 === undefined || name === undefined) throw broken("deb: a list of members has a line that cannot be read");
  return { md5, sha1, bytes: Number(bytes), name };
}

/** Where list and package differ. `where` is the member that holds the list. */
export function compareList(
  { role, members: listed }: MemberList,
  { content }: PackageMembers,
  digests: ReadonlyMap<string, MemberDigests>,
  where: string,
): readonly VerdictProblem[] {
  const problems: VerdictProblem[] = [];
  // A letter or digit behind it tells two of one role apart.
  if (role === "" || !where.startsWith(`_gpg${role}`) || !/^[A-Z0-9]?$/.test(where.slice(`_gpg${role}`.length)))
    problems.push(problem("signing/contradiction", `it is signed as '${role}', and called ${where}`, where));
  for (const { name, md5, sha1, bytes } of listed) {
    const own = digests.get(name);
    if (own === undefined) problems.push(problem("signing/digest-mismatch", `${name} was signed, and is not there`, where));
    else if (own.md5 !== md5 || own.sha1 !== sha1 || own.bytes !== bytes)
      problems.push(problem("signing/digest-mismatch", `${name} is not what was signed`, name));
  }
  for (const { name } of content)
    if (!listed.some((one) => one.name === name)) problems.push(problem("signing/uncovered", `${name} is not listed`, name));
  return problems;
}
