import type { ByteSource, SigningFacts } from "@distd/core";
import type { ArMember } from "../../ar/read-ar.ts";

const CLEAR_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----";

/** dpkg-sig signs a text that lists the members' digests; debsigs signs the members themselves and stores the bare signature. */
export async function findSignatures(source: ByteSource, members: readonly ArMember[]): Promise<SigningFacts> {
  const schemes = new Set<string>();
  for (const { name, offset, bytes } of members) {
    if (!name.startsWith("_gpg")) continue;
    const head = Buffer.from(await source.read(offset, Math.min(bytes, CLEAR_SIGNED.length))).toString("latin1");
    schemes.add(head === CLEAR_SIGNED ? "dpkg-sig" : "debsigs");
  }
  return { state: schemes.size === 0 ? "unsigned" : "unverified", schemes: [...schemes].sort(), certificates: [] };
}
