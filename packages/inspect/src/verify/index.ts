import type { ByteSource } from "@distd/core";
import { android } from "./android/index.ts";
import { apple } from "./apple/index.ts";
import { appimage } from "./appimage/index.ts";
import { checksums } from "./checksums/index.ts";
import { deb } from "./deb/index.ts";
import { minisign } from "./minisign/index.ts";
import { npm } from "./npm/index.ts";
import { openpgp } from "./openpgp/index.ts";
import { sigstore } from "./sigstore/index.ts";
import { sparkle } from "./sparkle/index.ts";
import { rpm } from "./rpm/index.ts";
import { joinSignatures, UNSIGNED, type Verdict } from "./verdict.ts";
import { type AnyVerifier, NO_TRUST, type Trust } from "./verifier.ts";
import { verifyAll } from "./verify-all.ts";
import { windows } from "./windows/index.ts";

/** Every way of signing that is verified here. */
export const VERIFIERS: readonly AnyVerifier[] = [
  android,
  apple,
  appimage,
  checksums,
  deb,
  minisign,
  npm,
  openpgp,
  rpm,
  sigstore,
  sparkle,
  windows,
];

export interface VerifyOptions {
  readonly format: string;
  readonly fileName: string;
  readonly now: Date;
  readonly trust?: Trust;
  readonly beside?: ReadonlyMap<string, ByteSource>;
}

/** Who signed an artifact, and whether that holds. Formats that nobody signs have the verdict that nothing is signed. */
export async function verifyArtifact(
  source: ByteSource,
  { trust = NO_TRUST, beside = new Map(), ...rest }: VerifyOptions,
): Promise<Verdict> {
  const verifiers = VERIFIERS.filter(({ formats }) => formats.includes(rest.format));
  const said = await verifyAll(source, verifiers, { ...rest, trust, beside });
  return joinVerdicts(said.filter(({ signatures, problems }) => signatures.length > 0 || problems.length > 0));
}

/** Of several ways of signing the same file, each beside it. One about which nothing could be computed says nothing beside one that holds. */
function joinVerdicts(said: readonly Verdict[]): Verdict {
  const [first = UNSIGNED, ...others] = said;
  const computed = said.filter(({ intact }) => intact !== undefined);
  if (others.length === 0) return first;
  const counted = computed.length > 0 ? computed : said;
  const problems = counted.flatMap((one) => one.problems);
  const signatures = counted.flatMap((one) => one.signatures);
  return computed.length > 0 ? joinSignatures(signatures, problems) : { signatures, problems };
}

export { describeSignature, describeSigning, signingLine } from "./describe.ts";
export { isBeside } from "./neighbours.ts";
export * from "./verdict.ts";
export * from "./verifier.ts";
export { withVerdict } from "./with-verdict.ts";
