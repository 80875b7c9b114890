// Agreement with bsdtar and Python's own reader of core metadata.
import { describeCorpus, known, REFUSED } from "../../test-support/corpus.ts";

/** Old setuptools writes UNKNOWN for what is absent. Python keeps a continued line's blanks. */
const told = (text: unknown): string => (text === "UNKNOWN" ? "" : known(text).replaceAll(/\n[ \t]*/g, "\n"));

describeCorpus({
  folder: "sdist",
  compare(facts, { metadata, bsdtar }) {
    if (facts === undefined) return [[REFUSED, true, bsdtar.rc !== 0]];
    const { details } = facts;
    return [
      ["format", facts.format, "sdist"],
      ["identifier", facts.identifier, metadata.Name],
      ["version", facts.version, metadata.Version],
      ["architectures", facts.architectures.join(" "), "any"],
      ["metadataVersion", details["metadataVersion"], metadata["Metadata-Version"]],
      ["summary", details["summary"], told(metadata.Summary)],
      ["license", details["license"], told(metadata.License).slice(0, String(details["license"]).length)],
      ["author", details["author"], told(metadata.Author)],
      ["requiresPython", details["requiresPython"], metadata["Requires-Python"]],
    ];
  },
  exceptions: {},
});
