import { createHash, type Hash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import type { ArMember } from "../../ar/read-ar.ts";
import { updateHashes } from "../hash-pieces.ts";
import type { HashName } from "../public-key.ts";

export interface MemberDigests {
  /** Hexadecimal. */
  readonly md5: string;
  readonly sha1: string;
  readonly bytes: number;
}

export interface MemberHashes {
  /** Over debian-binary, control.tar and data.tar, one behind the other. */
  readonly content: ReadonlyMap<HashName, Hash>;
  /** Of those asked for, by name. */
  readonly members: ReadonlyMap<string, MemberDigests>;
}

/** Reads each member once, and only those of which something is asked. */
export async function hashMembers(
  source: ByteSource,
  content: readonly ArMember[],
  wanted: { readonly content: readonly HashName[]; readonly members: readonly ArMember[] },
): Promise<MemberHashes> {
  const whole = new Map([...new Set(wanted.content)].map((name) => [name, createHash(name)]));
  const members = new Map<string, MemberDigests>();
  for (const member of new Set([...content, ...wanted.members])) {
    const own = wanted.members.includes(member) ? ["md5", "sha1"].map((name) => createHash(name)) : [];
    await updateHashes(source, [member], [...(content.includes(member) ? whole.values() : []), ...own]);
    const [md5, sha1] = own.map((hash) => hash.digest("hex"));
    if (md5 !== undefined && sha1 !== undefined) members.set(member.name, { md5, sha1, bytes: member.bytes });
  }
  return { content: whole, members };
}
