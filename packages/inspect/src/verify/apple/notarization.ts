// What is said of notarization: only what a ticket proves. Whether Apple has one that is not attached is known to its servers.
import { problem } from "../problem.ts";
import type { VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { isoOf } from "../cms/describe-signer.ts";
import { cdhashOf } from "./code-signature/code-directory.ts";
import type { JudgedSlice } from "./code-verdict.ts";
import { type JudgedTicket, judgeTicket } from "./ticket.ts";

const ASKED_OF: readonly (string | undefined)[] = ["Developer ID Application", "Developer ID Installer"];

export interface Notarization {
  readonly problems: readonly VerdictProblem[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** `tickets`: those that are attached, to the code or to what holds it. */
export function judgeNotarization(
  slices: readonly JudgedSlice[],
  tickets: readonly Uint8Array[],
  context: VerifyContext,
  where?: string,
): Notarization {
  const judged = tickets.map((bytes) => judgeTicket(bytes, context));
  const proof = judged.find((one) => one.doubt === undefined && one.ticket !== undefined && isListed(slices, one));
  if (proof?.ticket !== undefined) return { problems: [], details: { notarized: true, notarizedAt: isoOf(proof.ticket.at) } };
  const isAsked = slices.some((slice) => ASKED_OF.includes(slice.judged?.signer?.identity?.name));
  const [first] = judged;
  if (first === undefined && !isAsked) return { problems: [], details: {} };
  const why =
    first === undefined
      ? "no notarization ticket is attached"
      : `the notarization ticket proves nothing: ${first.doubt ?? "it does not list this code"}`;
  return { problems: [problem("signing/not-notarized", why, where)], details: { notarized: false } };
}

/** Every slice: the machine decides which of them runs. */
function isListed(slices: readonly JudgedSlice[], { ticket }: JudgedTicket): boolean {
  return (
    slices.length > 0 &&
    slices.every(
      ({ signature }) => signature?.directories.some((one) => ticket?.hashes.has(`${one.hashType}:${cdhashOf(one)}`) === true) === true,
    )
  );
}
