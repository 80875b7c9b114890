import type { ByteSource } from "@distd/core";
import { UNSIGNED, type Verdict } from "./verdict.ts";
import { NO_TRUST, type Trust, type Verifier } from "./verifier.ts";

/** Every way of signing that is verified here. */
export const VERIFIERS: readonly Verifier[] = [];

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
  const verifier = VERIFIERS.find(({ formats }) => formats.includes(rest.format));
  return verifier ? verifier.verify(source, { ...rest, trust, beside }) : UNSIGNED;
}

export * from "./verdict.ts";
export * from "./verifier.ts";
