// Agreement with bsdtar and the package.json it unpacks.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "npm",
  compare(facts, { package: manifest }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { details } = facts;
    return [
      ["format", facts.format, "npm"],
      ["identifier", facts.identifier, manifest.name],
      ["version", facts.version, manifest.version],
      ["architectures", facts.architectures.join(" "), "any"],
      ["license", details["license"], manifest.license],
      ["engines", details["engines"], manifest.engines],
      ["bin", details["bin"], manifest.bin],
    ];
  },
  exceptions: {},
});
