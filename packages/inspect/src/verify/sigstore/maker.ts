// Which of the keys that come into question made a bundle's signature.
import { findEd25519Signer } from "../ed25519-stream.ts";
import { reading } from "../problem.ts";
import { describeKey, type HashName, keyFamily, verifySignature } from "../public-key.ts";
import type { WholeFile } from "../whole-file.ts";
import type { ReadBundle, Signed } from "./read-bundle.ts";
import { isSignedDigest } from "./signed-digest.ts";
import { fingerprint, type PublicKey } from "./trust.ts";

type Digests = ReadonlyMap<HashName, Uint8Array>;

export interface MakerSearch {
  /** False: the key that the bundle names was not given. */
  readonly isKnown: boolean;
  /** Undefined: none of the keys. `digests`: of the artifact. */
  find(digests: Digests): PublicKey | undefined;
}

/** Ed25519 signs the artifact's bytes, and everything else a digest: so those hashes begin before it is read. */
export function searchMaker({ signed, certificate, keyHint }: ReadBundle, given: readonly PublicKey[], whole: WholeFile): MakerSearch {
  const keys: readonly PublicKey[] = certificate ? [{ spki: certificate.publicKey }] : findKeys(given, keyHint);
  const tests = keys.flatMap((key) => {
    const name = reading("signing/malformed", () => describeKey(key.spki));
    return "problem" in name ? [] : [{ key, isMaker: testMaker(key, name.value, signed, whole) }];
  });
  return {
    isKnown: certificate !== undefined || keys.some((key) => isNamed(key, keyHint)),
    find: (digests) => tests.find(({ isMaker }) => isMaker(digests))?.key,
  };
}

function testMaker(key: PublicKey, name: string, signed: Signed, whole: WholeFile): (digests: Digests) => boolean {
  if (name === "ed25519" && signed.kind === "message") {
    const find = findEd25519Signer(whole, [{ point: key.spki.subarray(-32) }], signed.signature);
    return () => find() !== undefined;
  }
  return (digests) => {
    const made = reading("signing/malformed", () => isMade(key, signed, digests));
    return "value" in made && made.value;
  };
}

/** Those that the bundle names; where there are none, those without a name may be any. */
function findKeys(keys: readonly PublicKey[], keyHint: string | undefined): readonly PublicKey[] {
  const named = keys.filter((key) => isNamed(key, keyHint));
  return named.length > 0 ? named : keys.filter(({ hint }) => hint === undefined);
}

function isNamed(key: PublicKey, keyHint: string | undefined): boolean {
  return fingerprint(key) === keyHint;
}

function isMade({ spki }: PublicKey, signed: Signed, digests: Digests): boolean {
  if (signed.kind === "message") return isSignedDigest(spki, signed.hash, digests.get(signed.hash) ?? new Uint8Array(), signed.signature);
  const family = keyFamily(spki);
  if (family === "dsa") return false;
  return hashesOfKey(spki).some((hash) => verifySignature(spki, { family, hash }, signed.encoded, signed.signature));
}

/** Longer curves come with longer digests, and did not always. */
export function hashesOfKey(spki: Uint8Array): readonly HashName[] {
  const name = describeKey(spki);
  return name === "ecdsa-p384" ? ["sha384", "sha256"] : name === "ecdsa-p521" ? ["sha512", "sha256"] : ["sha256"];
}
