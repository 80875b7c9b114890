// What of a package is signed: its three members, and those beside them that hold signatures (deb(5), "_" in front of a name).
import type { ByteSource } from "@distd/core";
import { type ArMember, readAr } from "../../ar/read-ar.ts";
import { broken } from "../../broken.ts";

const MAX_MEMBERS = 64;
const SIGNATURE = "_gpg";

export interface PackageMembers {
  readonly all: readonly ArMember[];
  /** `debian-binary`, `control.tar…`, `data.tar…`: as they stand, and as they are signed. */
  readonly content: readonly [ArMember, ArMember, ArMember];
  /** `_gpgorigin`, `_gpgbuilder` … */
  readonly signatures: readonly ArMember[];
  /** Neither of them. dpkg passes over those that begin with an underscore, and over all behind data.tar. */
  readonly others: readonly ArMember[];
}

/** A package that cannot be read is `artifact/broken`. */
export async function readPackageMembers(source: ByteSource): Promise<PackageMembers> {
  const all = await readAr(source, MAX_MEMBERS);
  const [version, control, data, ...rest] = all.filter(({ name }) => !name.startsWith("_"));
  if (version?.name !== "debian-binary" || version !== all[0]) throw broken("deb: the archive does not begin with debian-binary");
  if (control?.name.startsWith("control.tar") !== true) throw broken("deb: there is no control.tar after debian-binary");
  if (data?.name.startsWith("data.tar") !== true) throw broken("deb: there is no data.tar after control.tar");
  // Whoever looks for a member by its name finds the first, or the last.
  if (new Set(all.map(({ name }) => name)).size < all.length) throw broken("deb: two members have one name");
  const signatures = all.filter(({ name }) => name.startsWith(SIGNATURE));
  const beside = all.filter(({ name }) => name.startsWith("_") && !name.startsWith(SIGNATURE));
  return { all, content: [version, control, data], signatures, others: [...beside, ...rest] };
}
