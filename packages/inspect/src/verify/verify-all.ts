import type { ByteSource } from "@distd/core";
import { hashAlong } from "./hash-along.ts";
import type { Verdict } from "./verdict.ts";
import type { AnyVerifier, Judge, Verifier, VerifyContext } from "./verifier.ts";
import { WholeFile } from "./whole-file.ts";

/** What each of them says of an artifact: of what is inside first. What is read for that is not read again for what lies beside it. */
export async function verifyAll(
  source: ByteSource,
  verifiers: readonly AnyVerifier[],
  context: VerifyContext,
): Promise<readonly Verdict[]> {
  const whole = new WholeFile(source.size);
  const inside: Verifier[] = [];
  const judges: Judge[] = [];
  for (const verifier of verifiers) {
    if ("verify" in verifier) inside.push(verifier);
    else judges.push(await verifier.begin(context, whole));
  }
  const along = hashAlong(source, whole.hashes);
  const verdicts: Verdict[] = [];
  for (const verifier of inside) verdicts.push(await verifier.verify(along.source, context));
  await along.finish();
  for (const judge of judges) verdicts.push(await judge());
  return verdicts;
}
