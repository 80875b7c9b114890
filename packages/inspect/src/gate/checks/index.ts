import type { Check } from "../check.ts";
import { identifierChanged, identifierNotAllowed, platformNotAllowed } from "./identifier.ts";
import { debuggable, devicesLost, profileExpired } from "./mobile.ts";
import { equalBuild, lowerBuild } from "./order.ts";
import { architectureLost, libcFloorRaised, minimumOsRaised, permissionsAdded } from "./reach.ts";
import { notIntact, notNotarized, signerChanged, signerNotAllowed, signerRevoked, unsigned } from "./signer.ts";
import { buildDiffers, hasProblems, leftOutOfFeed, versionDiffers } from "./statements.ts";

/** Every check, worst first. */
export const CHECKS: readonly Check[] = [
  identifierChanged,
  identifierNotAllowed,
  platformNotAllowed,
  notIntact,
  signerChanged,
  signerNotAllowed,
  signerRevoked,
  lowerBuild,
  unsigned,
  notNotarized,
  debuggable,
  equalBuild,
  versionDiffers,
  buildDiffers,
  minimumOsRaised,
  architectureLost,
  libcFloorRaised,
  permissionsAdded,
  profileExpired,
  devicesLost,
  leftOutOfFeed,
  hasProblems,
];
