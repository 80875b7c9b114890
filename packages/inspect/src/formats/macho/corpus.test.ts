// Agreement with file, macholib and the corpus's own reader on Mach-O files nobody here wrote.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";

const MACHINES: Readonly<Record<string, string>> = { "0x7": "x86", "0x1000007": "x64", "0x100000c": "arm64" };
const KINDS: Readonly<Record<number, string>> = { 2: "program", 6: "library", 8: "bundle" };

describeCorpus({
  folder: "macho",
  compare(facts, { own_macho: theirs }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const slices: readonly Json[] = theirs.slices;
    const ours = facts.details["slices"] as readonly Json[];
    const signature = facts.details["codeSignature"] as Json | undefined;
    // otool leaves out a last zero, the corpus's reader does not.
    const short = (version: string | undefined): string | undefined => version?.replace(/^(\d+\.\d+)\.0$/, "$1");
    const known = new Set(slices.map(({ cputype }) => MACHINES[cputype] ?? ""));
    return [
      ["identifier", facts.identifier, slices.find(({ identifier }) => identifier !== undefined)?.["identifier"]],
      ["version", facts.version, undefined],
      ["architectures", facts.architectures.toSorted().join(" "), [...known].toSorted((a, b) => a.localeCompare(b)).join(" ")],
      ["kind", facts.details["kind"], KINDS[slices[0]?.["filetype"]]],
      ["minOs", ours.map(({ minOs }) => minOs), slices.map(({ minOS }) => short(minOS))],
      ["signed", facts.signing.state === "unverified", slices.some(({ signed }) => signed)],
      ["adHoc", signature?.["adHoc"], slices[0]?.["adhoc"]],
      ["signers", facts.signing.certificates.length, slices.some(({ cms }) => cms) ? 1 : 0],
    ];
  },
  exceptions: {},
});
