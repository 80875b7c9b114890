import { readMinisignKeys } from "./minisign/lines.ts";
import { readRegistryKeys } from "./npm/keys.ts";
import { readKeyRing } from "./openpgp/key-ring.ts";
import { fingerprint, isIdentity, readSigstoreTrust } from "./sigstore/trust.ts";
import { readSparkleKeys } from "./sparkle/keys.ts";

/** Whether a verdict's signer (`signer.keyId`) is one of those that a text names: keys as their families write them, Sigstore identities. */
export function namesKey(text: string, keyId: string): boolean {
  const space = keyId.indexOf(" ");
  const own = { subject: keyId.slice(0, space), issuer: keyId.slice(space + 1) };
  return keyIdsIn(text).includes(keyId) || readSigstoreTrust([text]).identities.some((identity) => isIdentity(identity, own));
}

/** Whether there is anything in a text that a signature can be verified with. */
export function isReadableKey(text: string): boolean {
  const { roots, identities } = readSigstoreTrust([text]);
  return keyIdsIn(text).length + roots.length + identities.length > 0;
}

function keyIdsIn(text: string): readonly string[] {
  return [
    ...readKeyRing([text]).keys.map(({ primary }) => primary),
    ...[...readMinisignKeys([text]), ...readSparkleKeys([text]), ...readRegistryKeys([text])].map(({ keyId }) => keyId),
    ...readSigstoreTrust([text]).keys.map(fingerprint),
  ];
}
