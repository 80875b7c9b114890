// Agreement with bsdtar about what is in an archive.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "tarball",
  compare(facts, { bsdtar }) {
    if (facts === undefined) return [[REFUSED, true, bsdtar.rc !== 0]];
    // Zips of Mac applications are a format of their own.
    if (facts.format === "macapp") return [["platform", facts.platform, "macos"]];
    return [["entries", facts.details["entries"], bsdtar.entries?.length]];
  },
  exceptions: {
    "brew__caffeines.zip": [REFUSED, "a Mac application whose Info.plist is empty"],
    "brew__container.7z": ["entries", "7z is a plain file here"],
    "libarchive__test_compat_lzip_4.tlz": ["entries", "lzip is a plain file here"],
    "libarchive__test_compat_gzip_2.tgz": [REFUSED, "bytes that are no gzip follow; gzip warns of them, others stop"],
  },
});
