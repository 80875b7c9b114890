// How Windows and its package managers sign: Authenticode in programs, installers, cabinets and app packages, NuGet's package signatures,
// and catalogues that lie beside what they list.
import type { ByteSource } from "@distd/core";
import { malformedInstead } from "../malformed-instead.ts";
import { joinSignatures, type Verdict } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { verifyCab } from "./cab.ts";
import { verifyCatalogues } from "./catalogue.ts";
import { verifyMsi } from "./msi.ts";
import { verifyMsix } from "./msix.ts";
import { verifyNupkg } from "./nupkg.ts";
import { verifyPe } from "./pe.ts";

const FORMATS: Readonly<Record<string, (source: ByteSource, context: VerifyContext) => Promise<Verdict>>> = {
  exe: verifyPe,
  msi: verifyMsi,
  cab: verifyCab,
  msix: verifyMsix,
  nupkg: verifyNupkg,
};

export const windows: Verifier = {
  id: "windows",
  formats: Object.keys(FORMATS),
  async verify(source, context) {
    const own = await malformedInstead(() => (FORMATS[context.format] ?? verifyPe)(source, context));
    const catalogues = await malformedInstead(() => verifyCatalogues(source, context));
    return joinSignatures([...own.signatures, ...catalogues.signatures], [...own.problems, ...catalogues.problems]);
  },
};
