import type { ArtifactFacts } from "@distd/core";

export interface Difference {
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

type Json = { readonly [key: string]: any };

/** What differs from aapt and apksig. `null` and the empty text are how the tools say "absent". */
export function compareApk(facts: ArtifactFacts, truth: unknown): readonly Difference[] {
  const { summary, aapt, aapt2, apksig } = truth as Json;
  return differences([
    ["identifier", facts.identifier, summary.package],
    ["version", facts.version, summary.versionName],
    ["build", facts.build, summary.versionCode],
    ["minOs", facts.minOs, summary.minSdk],
    ["targetOs", facts.targetOs, summary.targetSdk],
    ["maxSdk", facts.details["maxSdk"], aapt.maxSdk],
    ["split", facts.details["split"], summary.split],
    ["nativeAbis", list(facts.details["nativeAbis"]), list(summary.nativeAbis)],
    ["debuggable", facts.details["debuggable"], summary.debuggable],
    ["testOnly", facts.details["testOnly"], aapt2.testOnly],
    ["name", facts.name, agreedLabel(facts.name, [summary.label, aapt2.label])],
    ["schemes", list(facts.signing.schemes), list(presentSchemes(apksig, summary))],
    ["certificates", list(facts.signing.certificates.map(({ sha256 }) => sha256)), list(signers(apksig).keys())],
    ["subjects", subjects(facts, signers(apksig)), ""],
    ["lineage", list((facts.details["lineage"] as Json[] | undefined)?.map(({ sha256 }) => sha256)), list(lineage(apksig))],
  ]);
}

/** aapt and aapt2 differ now and then: one of them is enough. Where both are silent, a label we can read is no disagreement. */
function agreedLabel(ours: string | undefined, theirs: readonly unknown[]): unknown {
  const labels = theirs.map(known);
  return labels.includes(known(ours)) || labels.every((label) => label === "") ? ours : labels[0];
}

/** What differs from plistutil, openssl and the corpus's own Mach-O reader. */
export function compareIpa(facts: ArtifactFacts, truth: unknown): readonly Difference[] {
  const { info: direct, wrappedApps, provision, own_macho: machO } = truth as Json;
  const info: Json = direct ?? Object.values(wrappedApps ?? {})[0] ?? {};
  const profile = facts.details["provisioning"] as Json | undefined;
  const seconds = (date: string | undefined): string => (date ?? "").replace("T", " ").replace("Z", "");
  return differences([
    ["identifier", facts.identifier, info["CFBundleIdentifier"]],
    ["version", facts.version, info["CFBundleShortVersionString"]],
    ["build", facts.build, info["CFBundleVersion"]],
    ["name", facts.name, info["CFBundleDisplayName"] ?? info["CFBundleName"]],
    ["minOs", facts.minOs, info["MinimumOSVersion"]],
    ["deviceFamilies", list(facts.details["deviceFamilies"]), list(info["UIDeviceFamily"])],
    ["profileType", profile?.["type"], provision?.profileType],
    ["team", profile?.["teamId"], provision?.TeamIdentifier?.[0]],
    ["devices", (profile?.["devices"] as unknown[] | undefined)?.length, provision?.devices],
    ["uuid", profile?.["uuid"], provision?.UUID],
    ["createdAt", seconds(profile?.["createdAt"]), provision?.CreationDate],
    ["expiresAt", seconds(profile?.["expiresAt"]), provision?.ExpirationDate],
    ["slices", (facts.details["slices"] as unknown[] | undefined)?.length, machO?.slices.length],
    ["architectures", list(facts.architectures), list(new Set(machO?.slices.map(machineWord)))],
    ["signed", facts.signing.state === "unverified", machO?.slices.some((slice: Json) => slice["signed"]) ?? false],
    ["wrapped", facts.problems.some(({ code }) => code === "ipa/wrapped"), direct === undefined],
  ]);
}

function differences(rows: readonly (readonly [string, unknown, unknown])[]): readonly Difference[] {
  return rows.filter(([, ours, theirs]) => known(ours) !== known(theirs)).map(([field, ours, theirs]) => ({ field, ours, theirs }));
}

function known(value: unknown): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function list(values: unknown): string {
  return [...((values as Iterable<unknown> | undefined | null) ?? [])].map(String).sort().join(" ");
}

function runs(apksig: Json): readonly Json[] {
  return [apksig["default"], apksig["minSdk24"], apksig["minSdk33"]].filter((run) => run?.schemeSigners !== undefined);
}

/** Every scheme apksig found signers of, valid or not, in any run. */
function presentSchemes(apksig: Json, summary: Json): ReadonlySet<string> {
  const found = [...runs(apksig).flatMap((run) => Object.keys(run["schemeSigners"])), ...summary["schemesValidInAnyRun"]];
  return new Set(found.map((scheme) => scheme.replace("v31", "v3.1")));
}

/** Every certificate apksig named in any run, with its subject. */
function signers(apksig: Json): ReadonlyMap<string, string> {
  const found = runs(apksig).flatMap((run) => [...Object.values(run["schemeSigners"] as Json).flat(), ...run["signerCerts"]]);
  return new Map(found.filter((signer) => signer !== null).map((signer) => [signer.sha256, signer.subject]));
}

function subjects(facts: ArtifactFacts, theirs: ReadonlyMap<string, string>): string {
  const wrong = facts.signing.certificates.filter(({ sha256, subject }) => theirs.has(sha256) && theirs.get(sha256) !== subject);
  return wrong.map(({ subject }) => subject).join(" ");
}

function lineage(apksig: Json): readonly string[] {
  const found = runs(apksig).find((run) => run["lineage"] !== null)?.["lineage"] ?? [];
  return found.map((certificate: Json) => certificate["sha256"]);
}

function machineWord(slice: Json): string {
  return slice["cputype"] === "0x100000c" ? "arm64" : slice["cputype"] === "0xc" ? "armv7" : slice["cputype"];
}
