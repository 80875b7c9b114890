import type { HashName } from "../public-key.ts";
import type { VerifyContext } from "../verifier.ts";
import type { Sigstore } from "./library.ts";
import type { SigstoreTrust } from "./trust.ts";

/** What every bundle beside an artifact is judged by. */
export interface Asked {
  readonly sigstore: Sigstore;
  readonly digests: ReadonlyMap<HashName, Uint8Array>;
  readonly trust: SigstoreTrust;
  readonly context: VerifyContext;
}
