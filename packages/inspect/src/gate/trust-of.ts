import { X509Certificate } from "node:crypto";
import type { Trust } from "../verify/verifier.ts";
import type { IdentityRules } from "./check.ts";

/** Whom an app's rules vouch for when its artifacts are verified; undefined: for nobody. `authorities` have to be certificates. */
export function trustOf({ keys = [], signers = [], authorities = [], revoked = [] }: IdentityRules): Trust | undefined {
  if (keys.length + signers.length + authorities.length + revoked.length === 0) return undefined;
  const certificates = authorities.map((pem) => new Uint8Array(new X509Certificate(pem).raw));
  return { certificates, signers: new Set(signers), keys, revoked: new Set(revoked) };
}
