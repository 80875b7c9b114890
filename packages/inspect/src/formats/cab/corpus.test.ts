// Agreement with cabextract and osslsigncode on cabinets nobody here wrote.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";
import { commonName, signerNames } from "../../test-support/subjects.ts";

describeCorpus({
  folder: "cab",
  compare(facts, { cabextract, osslsigncode }) {
    if (facts === undefined) return [[REFUSED, true, cabextract.rc !== 0]];
    return [
      ["identifier", facts.identifier, undefined],
      ["version", facts.version, undefined],
      ["architectures", facts.architectures.join(" "), "any"],
      ["fileCount", facts.details["fileCount"], cabextract.files],
      ["signed", facts.signing.state === "unverified", osslsigncode.signatures > 0],
      ["signer", signerNames(facts), commonName(osslsigncode.signer?.subject)],
    ];
  },
  exceptions: {},
});
