import type { Verdict } from "../verify/verdict.ts";

/** `intact trusted`, then every code there is, each once. */
export function stateOf({ intact, trusted, signatures, problems }: Verdict): string {
  const codes = [...problems, ...signatures.flatMap((one) => one.problems)].map(({ code }) => code.replace("signing/", ""));
  const words = [intact === true ? "intact" : "", trusted === true ? "trusted" : "", ...[...new Set(codes)].sort()];
  return intact === undefined ? "unsigned" : words.filter((word) => word !== "").join(" ");
}

/** The same bytes with one bit turned. */
export function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
