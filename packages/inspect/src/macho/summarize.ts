import type { Architecture, CertificateFacts, SigningFacts } from "@distd/core";
import { dictToJson } from "../plist/plist-value.ts";
import { present } from "../present.ts";
import { uniqueCertificates } from "../x509/certificate.ts";
import { CODE_FLAGS } from "./code-signature.ts";
import { machineArchitectures } from "./machine.ts";
import type { MachOSlice } from "./mach-o.ts";

/** What the slices of one executable say together. */
export interface MachOSummary {
  readonly architectures: readonly Architecture[];
  readonly signing: SigningFacts;
  /** Of the code signature. */
  readonly identifier?: string;
  readonly entitlements?: Readonly<Record<string, unknown>>;
  /** Of the slices for macOS the lowest. */
  readonly minOs?: string;
  /** The slices, as Apple's tools call what is in them. */
  readonly slices: readonly Readonly<Record<string, unknown>>[];
  /** Absent without a code signature that was read. */
  readonly codeSignature?: Readonly<Record<string, unknown>>;
  /** Why a code signature was not read although there is one. */
  readonly unread?: string;
}

export function summarizeMachO(slices: readonly MachOSlice[]): MachOSummary {
  const signatures = slices.map(({ signature }) => signature).filter((signature) => signature !== undefined);
  const isSigned = slices.some(({ signed }) => signed === true);
  const certificates: readonly CertificateFacts[] = signatures.flatMap(({ signers }) => signers.map(({ facts }) => facts));
  const first = <T>(values: readonly (T | undefined)[]): T | undefined => values.find((value) => value !== undefined);
  const every = (flag: number): boolean => signatures.every(({ flags }) => (flags & flag) !== 0);
  const entitlements = first(signatures.map((signature) => signature.entitlements));
  return {
    architectures: machineArchitectures(slices.map(({ machine }) => machine)),
    signing: {
      state: isSigned ? "unverified" : "unsigned",
      schemes: isSigned ? ["codesign"] : [],
      certificates: uniqueCertificates(certificates),
    },
    slices: slices.map(({ machine, platform, minOs, sdk }) => ({ machine, ...present({ platform, minOs, sdk }) })),
    ...present({
      identifier: first(signatures.map(({ identifier }) => identifier)),
      entitlements: entitlements && dictToJson(entitlements),
      minOs: lowestVersion(slices.filter(({ platform }) => platform === "macos").map(({ minOs }) => minOs)),
      codeSignature:
        signatures.length === 0
          ? undefined
          : {
              ...present({
                identifier: first(signatures.map(({ identifier }) => identifier)),
                teamId: first(signatures.map(({ teamId }) => teamId)),
              }),
              adHoc: every(CODE_FLAGS.adHoc),
              linkerSigned: every(CODE_FLAGS.linkerSigned),
              hardenedRuntime: every(CODE_FLAGS.hardenedRuntime),
              libraryValidation: every(CODE_FLAGS.libraryValidation),
              timestamped: signatures.every(({ timestamped }) => timestamped),
            },
      unread: first(slices.map(({ signatureProblem }) => signatureProblem)),
    }),
  };
}

/** Of versions as Apple writes them, up to three numbers; as written. */
export function lowestVersion(versions: readonly (string | undefined)[]): string | undefined {
  const known = versions.filter((version): version is string => version !== undefined);
  return known.sort(compareVersions)[0];
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  const at = [0, 1, 2].find((index) => Number(left[index] ?? 0) !== Number(right[index] ?? 0)) ?? 0;
  return Number(left[at] ?? 0) - Number(right[at] ?? 0);
}
