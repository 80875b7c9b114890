import { DistError, ERROR_CODES, type ErrorCode, type SigningFacts } from "@distd/core";
import { describeSigning } from "@distd/inspect/verify";

/** Why a file does not pass, under the code of the first reason; undefined when it is signed, intact and trusted. */
export function signingFailure(name: string, signing: SigningFacts): DistError | undefined {
  if (signing.state === "unsigned") return new DistError("signing/unsigned", `${name} is not signed`);
  if (signing.intact === true && signing.trusted === true) return undefined;
  const reasons = [...(signing.problems ?? []), ...(signing.signatures ?? []).flatMap(({ problems }) => problems)];
  const first = reasons.find(({ code }) => code in ERROR_CODES);
  const code = (first?.code ?? "signing/unsupported") as ErrorCode;
  const message = first ? first.message : describeSigning(signing);
  return new DistError(code, `${name}: ${message}`, { details: { problems: reasons } });
}
