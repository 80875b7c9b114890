// Agreement with dpkg-deb. Its output joins continued lines of the description, so only the first is compared.
import { parseArchitecture } from "@distd/core";
import { describeCorpus, known, REFUSED } from "../../test-support/corpus.ts";

const firstLine = (text: unknown): string => known(text).split("\n")[0] as string;
const unfolded = (text: unknown): string => known(text).replaceAll("\n", " ");

describeCorpus({
  folder: "deb",
  compare(facts, { dpkg_deb: told, signatureMember, members }) {
    if (facts === undefined || told.Package === undefined) return [[REFUSED, facts === undefined, told.Package === undefined]];
    const { details } = facts;
    return [
      ["identifier", facts.identifier, told.Package],
      ["version", facts.version, told.Version],
      ["architecture", details["architecture"], told.Architecture],
      ["architectures", facts.architectures.join(" "), parseArchitecture(told.Architecture)],
      ["source", details["source"], told.Source],
      ["maintainer", details["maintainer"], told.Maintainer],
      ["section", details["section"], told.Section],
      ["priority", details["priority"], told.Priority],
      ["installedKib", details["installedKib"], Number(told["Installed-Size"] ?? 0) || undefined],
      ["homepage", details["homepage"], told.Homepage],
      ["description", firstLine(details["description"]).slice(0, 40), firstLine(told.Description).slice(0, 40)],
      ["depends", unfolded(details["depends"]), unfolded(told.Depends)],
      ["conflicts", unfolded(details["conflicts"]), unfolded(told.Conflicts)],
      ["provides", unfolded(details["provides"]), unfolded(told.Provides)],
      ["signing", facts.signing.state, signatureMember.length > 0 ? "unverified" : "unsigned"],
      ["compression", `control.tar${ending(details["controlCompression"])}`, members[1]],
    ];
  },
  exceptions: {
    "aptly__libboost-broken-program-options-dev_1.49.0.1_i386.deb": [
      REFUSED,
      "its data.tar.gz is cut short: dpkg-deb reads the control file and cannot install it",
    ],
  },
});

function ending(codec: unknown): string {
  return { gzip: ".gz", xz: ".xz", zstd: ".zst", bzip2: ".bz2" }[String(codec)] ?? "";
}
