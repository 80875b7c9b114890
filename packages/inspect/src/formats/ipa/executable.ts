import type { ArtifactProblem, Architecture, CertificateFacts } from "@distd/core";
import { attempt } from "../../broken.ts";
import { machineArchitectures } from "../../macho/machine.ts";
import { type MachOSlice, readMachO } from "../../macho/mach-o.ts";
import type { PlistDict } from "../../plist/plist-value.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { STORED } from "../../zip/directory.ts";
import type { Zip } from "../../zip/open-zip.ts";

export interface ExecutableFacts {
  readonly architectures: readonly Architecture[];
  /** Apple's names of the slices, in the order of the file. */
  readonly slices?: readonly string[];
  readonly encrypted?: boolean;
  readonly isSigned: boolean;
  readonly teamId?: string;
  readonly entitlements?: PlistDict;
  readonly certificates: readonly CertificateFacts[];
  readonly problems: readonly ArtifactProblem[];
  /** What was left unread, and why. */
  readonly unread?: string;
}

const NOTHING = { architectures: [], isSigned: false, certificates: [] } as const;

/** What the app's main executable says; a missing or damaged one is a problem of the app, not a reason to know nothing. */
export async function readExecutable(zip: Zip, path: string | undefined, maxDepth: number): Promise<ExecutableFacts> {
  const entry = path === undefined ? undefined : zip.find(path);
  if (entry === undefined)
    return { ...NOTHING, problems: [{ code: "ipa/no-executable", message: "The app's executable is missing; no device installs it." }] };
  const source = zip.forward(entry);
  const readableBytes = entry.method === STORED ? entry.bytes : Math.min(entry.bytes, zip.inflatableBytes);
  const read = await attempt(() => readMachO(source, { maxDepth, readableBytes }));
  await source.close();
  if ("value" in read) return describe(read.value);
  return {
    ...NOTHING,
    problems: [{ code: "ipa/executable-damaged", message: `The app's executable cannot be read: ${read.error.message}` }],
  };
}

function describe(slices: readonly MachOSlice[]): ExecutableFacts {
  const signatures = slices.map((slice) => slice.signature).filter((signature) => signature !== undefined);
  const encrypted = slices.map((slice) => slice.encrypted).filter((flag) => flag !== undefined);
  const teamId = signatures.find((signature) => signature.teamId !== undefined)?.teamId;
  const entitlements = signatures.find((signature) => signature.entitlements !== undefined)?.entitlements;
  const unread = slices.find((slice) => slice.signatureProblem !== undefined)?.signatureProblem;
  const machines = slices.map((slice) => slice.machine);
  return {
    architectures: machineArchitectures(machines),
    slices: machines,
    isSigned: slices.some((slice) => slice.signed === true),
    certificates: uniqueCertificates(signatures.flatMap((signature) => signature.signers.map((signer) => signer.facts))),
    problems: [],
    ...(encrypted.length === 0 ? {} : { encrypted: encrypted.includes(true) }),
    ...(teamId === undefined ? {} : { teamId }),
    ...(entitlements === undefined ? {} : { entitlements }),
    ...(unread === undefined ? {} : { unread }),
  };
}
