// ar, as Debian packages use it (deb(5)): "!<arch>\n", then for each member a 60-byte header of text fields and the content, padded to an
// even length.
import type { ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Members in order. One read of 60 bytes each. */
export async function readAr(source: ByteSource, maxMembers: number): Promise<readonly ArMember[]> {
  const text = async (offset: number, length: number): Promise<string> => Buffer.from(await source.read(offset, length)).toString("latin1");
  if (source.size < MAGIC.length || (await text(0, MAGIC.length)) !== MAGIC) throw broken("ar: not an archive");
  const members: ArMember[] = [];
  let offset = MAGIC.length;
  while (offset < source.size) {
    if (members.length === maxMembers) throw broken(`ar: more than ${maxMembers} members`);
    if (offset + HEADER_BYTES > source.size) throw broken("ar: a member's header is cut short");
    const header = await text(offset, HEADER_BYTES);
    const fields = /^([!-.0-~]{1,16}\/?) *$/.exec(header.slice(0, 16));
    const size = /^(\d{1,10}) *$/.exec(header.slice(48, 58));
    if (fields === null || size === null || header.slice(58) !== "`\n") throw broken("ar: a member's header is damaged");
    const bytes = Number(size[1]);
    const name = (fields[1] as string).replace(/\/$/, "");
    if (bytes > source.size - offset - HEADER_BYTES) throw broken(`ar: ${name} is cut short`);
    members.push({ name, offset: offset + HEADER_BYTES, bytes });
    offset += HEADER_BYTES + bytes + (bytes % 2);
  }
  return members;
}
