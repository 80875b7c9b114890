// Agreement with Python's zipfile and email parsers, which pip uses, and for the archives among them with what PyPI's own tests demand.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

const told = (text: unknown): unknown => (text === "UNKNOWN" ? undefined : text);

describeCorpus({
  folder: "wheel",
  compare(facts, { metadata, wheel, note, own_recordMismatches: record }) {
    if (metadata === undefined || facts === undefined)
      return [[REFUSED, facts === undefined, metadata === undefined && !String(note).includes("must be accepted")]];
    const { details } = facts;
    return [
      ["format", facts.format, "wheel"],
      ["identifier", facts.identifier, metadata.Name],
      ["version", facts.version, metadata.Version],
      ["architectures", facts.architectures.join(" "), String(wheel.tags).includes("x86_64") ? "x64" : "any"],
      ["tags", details["tags"], wheel.tags ?? []],
      ["wheelVersion", details["wheelVersion"], wheel["Wheel-Version"]],
      ["purelib", details["purelib"], wheel["Root-Is-Purelib"] === null ? undefined : wheel["Root-Is-Purelib"] === "true"],
      ["buildTag", details["buildTag"], wheel.build],
      ["metadataVersion", details["metadataVersion"], metadata["Metadata-Version"]],
      ["summary", details["summary"], told(metadata.Summary)],
      ["author", details["author"], told(metadata.Author)],
      ["license", details["license"], told(metadata.License)],
      ["licenseExpression", details["licenseExpression"], metadata["License-Expression"]],
      ["requiresPython", details["requiresPython"], metadata["Requires-Python"]],
      ["record", details["record"], record !== undefined],
    ];
  },
  exceptions: {
    "uv__validation-3.0.0-py3-none-any.whl": [REFUSED, "two .dist-info folders: two names and versions; uv refuses it too"],
    "warehouse-zip__extra3byte.zip": [REFUSED, "three bytes after the extra fields: PyPI refuses them, Android's build tools write them"],
    "warehouse-zip__zip64_extra_too_long.zip": [REFUSED, "a zip64 field longer than it need be; every reader takes the same size from it"],
    "warehouse-zip__zip64_extra_usize.zip": [REFUSED, "the size is wrong, which shows when the entry is read; a plain zip's texts are not"],
  },
});
