import { readMinisignKeys } from "./minisign/lines.ts";
import { readKeyRing } from "./openpgp/key-ring.ts";
import { readSparkleKeys } from "./sparkle/keys.ts";

/** The ids that a verdict gives to signers with these public keys (`signer.keyId`); none of what is no key that can be read. */
export function keyIdsIn(text: string): readonly string[] {
  const own = [...readMinisignKeys([text]), ...readSparkleKeys([text])].map(({ keyId }) => keyId);
  return [...new Set([...readKeyRing([text]).keys.map(({ primary }) => primary), ...own])];
}
