// Agreement with Python's zipfile and XML reader on NuGet packages nobody here wrote.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "nupkg",
  compare(facts, { nuspec, signed }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    return [
      ["identifier", facts.identifier, nuspec.id],
      ["version", facts.version, nuspec.version],
      ["architectures", facts.architectures.join(" "), "any"],
      ["name", facts.name, nuspec.title],
      ["authors", facts.details["authors"], nuspec.authors],
      ["signed", facts.signing.state === "unverified", signed],
    ];
  },
  exceptions: {},
});
