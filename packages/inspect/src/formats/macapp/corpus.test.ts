// Agreement with plistutil and the corpus's own Mach-O reader on apps nobody here wrote. Archives without an app are other formats.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";

const MACHINES: Readonly<Record<string, string>> = { "0x7": "x86", "0x1000007": "x64", "0x100000c": "arm64" };

describeCorpus({
  folder: "macapp",
  compare(facts, { apps }) {
    const [app] = Object.values(apps as Readonly<Record<string, Json>>);
    const info: Json | undefined = app?.["info"];
    const readable = info?.["CFBundleIdentifier"] !== undefined;
    if (facts === undefined) return [[REFUSED, true, !readable]];
    if (facts.format !== "macapp") return [["format", facts.format === "macapp", readable]];
    const slices: readonly Json[] = app?.["own_macho"].slices;
    const known = new Set(slices.map(({ cputype }) => MACHINES[cputype]).filter((machine) => machine !== undefined));
    const signed = slices.find(({ identifier }) => identifier !== undefined);
    const signature = facts.details["codeSignature"] as Json | undefined;
    return [
      ["identifier", facts.identifier, info?.["CFBundleIdentifier"]],
      ["version", facts.version, info?.["CFBundleShortVersionString"]],
      ["build", facts.build, info?.["CFBundleVersion"]],
      ["name", facts.name, info?.["CFBundleName"]],
      ["minOs", facts.minOs, info?.["LSMinimumSystemVersion"]],
      ["executable", facts.details["executable"], info?.["CFBundleExecutable"]],
      ["architectures", facts.architectures.toSorted().join(" "), [...known].toSorted((a, b) => a.localeCompare(b)).join(" ")],
      ["apps", (facts.details["apps"] as unknown[] | undefined)?.length ?? 1, Object.keys(apps).length],
      ["signed", facts.signing.state === "unverified", slices.some(({ signed: isSigned }) => isSigned)],
      ["teamId", signature?.["teamId"], signed?.["teamId"]],
      ["signingIdentifier", signature?.["identifier"], signed?.["identifier"]],
      ["entitlements", facts.entitlements !== undefined, signed?.["entitlements"] ?? false],
      ["certificates", facts.signing.certificates.length, signed?.["cms"] === true ? 1 : 0],
    ];
  },
  exceptions: {},
});
