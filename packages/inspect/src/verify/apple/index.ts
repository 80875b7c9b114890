// How Apple's systems sign: code signatures in programs and libraries, sealed bundles, disk images, provisioning profiles, notarization
// tickets. Followed: Apple's Security (libsecurity_codesigning) and xnu's cs_blobs.h.
import type { ByteSource } from "@distd/core";
import { malformedInstead } from "../malformed-instead.ts";
import type { Verdict } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { verifyDmg } from "./dmg.ts";
import { verifyIpa } from "./ipa.ts";
import { verifyMacapp } from "./macapp.ts";
import { verifyMacho } from "./macho.ts";
import { verifyPkg } from "./pkg/index.ts";

const FORMATS: Readonly<Record<string, (source: ByteSource, context: VerifyContext) => Promise<Verdict>>> = {
  macho: verifyMacho,
  macapp: verifyMacapp,
  ipa: verifyIpa,
  dmg: verifyDmg,
  pkg: verifyPkg,
};

export const apple: Verifier = {
  id: "apple",
  formats: Object.keys(FORMATS),
  verify: (source, context) => malformedInstead(() => (FORMATS[context.format] ?? verifyMacho)(source, context)),
};
