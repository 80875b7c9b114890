// How Windows and its package managers sign: Authenticode in programs, installers, cabinets and app packages, NuGet's package signatures,
// and catalogues that lie beside what they list.
import type { ByteSource } from "@distd/core";
import { hashAlong } from "../hash-along.ts";
import { malformedInstead } from "../malformed-instead.ts";
import type { HashName } from "../public-key.ts";
import { joinSignatures, type Verdict } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { digestOf, WholeFile } from "../whole-file.ts";
import { verifyCab } from "./cab.ts";
import { type Digested, hashesIn, judgeCatalogue, readCatalogues } from "./catalogue.ts";
import { verifyMsi } from "./msi.ts";
import { verifyMsix } from "./msix.ts";
import { verifyNupkg } from "./nupkg.ts";
import { verifyPe } from "./pe.ts";

/** Beside programs, which catalogues list by another digest than all others. */
const FORMATS: Readonly<Record<string, (source: ByteSource, context: VerifyContext) => Promise<Verdict>>> = {
  msi: verifyMsi,
  cab: verifyCab,
  msix: verifyMsix,
  nupkg: verifyNupkg,
};

export const windows: Verifier = {
  id: "windows",
  formats: ["exe", ...Object.keys(FORMATS)],
  async verify(source, context) {
    const catalogues = await readCatalogues(context.beside);
    return malformedInstead(async () => {
      const { own, digests } = await verifyInside(source, context, hashesIn(catalogues));
      const listed = catalogues.flatMap((one) => judgeCatalogue(one, digests, context) ?? []);
      return joinSignatures([...own.signatures, ...listed], own.problems);
    });
  },
};

async function verifyInside(source: ByteSource, context: VerifyContext, listedBy: ReadonlySet<HashName>): Promise<Digested> {
  const verify = FORMATS[context.format];
  if (verify === undefined) return verifyPe(source, context, listedBy);
  const whole = new WholeFile(source.size);
  const hashes = [...listedBy].map((name) => [name, whole.hash(name)] as const);
  const along = hashAlong(source, whole.hashes);
  const own = await malformedInstead(() => verify(along.source, context));
  await along.finish();
  return { own, digests: new Map(hashes.map(([name, hash]) => [name, digestOf(hash)])) };
}
