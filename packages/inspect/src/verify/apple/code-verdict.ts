// One signature of the verdict for each piece of code: its slices joined, so that none can hide behind another.
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import { problem } from "../problem.ts";
import type { JudgedCode } from "./code-signature/judge-code.ts";
import { cdhashOf, FLAG, flagNames } from "./code-signature/code-directory.ts";
import type { CodeSignature } from "./code-signature/read-signature.ts";

export interface JudgedSlice {
  readonly signature: CodeSignature | undefined;
  readonly judged: JudgedCode | undefined;
  readonly machine?: string;
  readonly isProgram?: boolean;
}

export interface CodeParts {
  readonly slices: readonly JudgedSlice[];
  /** Found elsewhere: pages, resources, profile, ticket. */
  readonly problems: readonly VerdictProblem[];
  readonly where?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const SCHEME = "codesign";

export function codeVerdict({ slices, problems, where, details = {} }: CodeParts): SignatureVerdict {
  const signatures = slices.flatMap(({ signature }) => signature ?? []);
  const [first] = slices.flatMap(({ judged }) => judged?.signer ?? []);
  const all = [
    ...slices.flatMap(({ judged }) => judged?.problems ?? []),
    ...contradictions(slices, where),
    ...hardening(slices, where),
    ...problems,
  ];
  const has = (kind: "fatal" | "distrust"): boolean => all.some(({ code }) => VERDICT_CODES[code] === kind);
  const intact = signatures.length > 0 && !has("fatal");
  const [main] = signatures;
  const directory = main?.directories[0];
  return {
    scheme: SCHEME,
    intact,
    trusted: intact && first !== undefined && !has("distrust"),
    ...(first?.signer !== undefined && { signer: first.signer }),
    ...(first?.algorithm !== undefined && { algorithm: first.algorithm }),
    ...(first?.signedAt !== undefined && { signedAt: first.signedAt }),
    ...(first?.timestampedBy !== undefined && { timestampedBy: first.timestampedBy }),
    problems: all,
    details: {
      ...(where !== undefined && { path: where }),
      ...(directory !== undefined && {
        identifier: directory.identifier,
        ...(directory.teamId !== undefined && { teamId: directory.teamId }),
        ...(directory.runtime !== undefined && { runtime: directory.runtime }),
        flags: flagNames(signatures.reduce((flags, one) => flags & one.directories[0].flags, directory.flags)),
      }),
      ...(first?.identity !== undefined && { identity: first.identity.name }),
      cdhashes: slices.flatMap(({ machine, signature }) =>
        signature === undefined
          ? []
          : [
              {
                ...(machine !== undefined && { machine }),
                hashes: signature.directories.map((one) => `${hashName(one.hashType)}:${cdhashOf(one)}`),
              },
            ],
      ),
      ...details,
    },
  };
}

function hashName(type: number): string {
  return ["", "sha1", "sha256", "sha256-truncated", "sha384"][type] ?? "unknown";
}

/** All slices are of the same signer: what runs is decided by the machine. */
function contradictions(slices: readonly JudgedSlice[], where: string | undefined): readonly VerdictProblem[] {
  const signers = slices
    .filter(({ signature }) => signature !== undefined)
    .map(({ judged }) => judged?.signer?.chain[0]?.facts.sha256 ?? "");
  return new Set(signers).size > 1 ? [problem("signing/contradiction", "its slices are signed by different signers", where)] : [];
}

/** What Apple asks of programs it is to notarize. */
function hardening(slices: readonly JudgedSlice[], where: string | undefined): readonly VerdictProblem[] {
  const soft = slices.some(
    ({ signature, judged, isProgram }) =>
      isProgram === true &&
      signature !== undefined &&
      judged?.signer?.identity?.name === "Developer ID Application" &&
      (signature.directories[0].flags & FLAG.runtime) === 0,
  );
  return soft ? [problem("signing/not-hardened", "the program is not signed for the hardened runtime", where)] : [];
}
