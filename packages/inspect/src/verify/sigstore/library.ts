// Sigstore's own libraries (docs/decisions/0016-sigstore.md). They are loaded when there is a bundle, and not before.
import type { Bundle, bundleFromJSON } from "@sigstore/bundle";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import type { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";

export type { Bundle, TrustedRoot };
export type SignedEntity = ReturnType<typeof toSignedEntity>;

export interface Sigstore {
  readonly bundleFromJSON: typeof bundleFromJSON;
  readonly trustedRoot: { fromJSON(value: unknown): TrustedRoot };
  readonly toSignedEntity: typeof toSignedEntity;
  readonly toTrustMaterial: typeof toTrustMaterial;
  readonly VerificationError: typeof VerificationError;
  readonly Verifier: typeof Verifier;
}

export async function loadSigstore(): Promise<Sigstore> {
  const [bundles, specs, verification] = await Promise.all([
    import("@sigstore/bundle"),
    import("@sigstore/protobuf-specs"),
    import("@sigstore/verify"),
  ]);
  return { ...verification, bundleFromJSON: bundles.bundleFromJSON, trustedRoot: specs.TrustedRoot };
}
