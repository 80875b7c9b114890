// Agreement with bsdtar, unzip and Python's zipfile about what is in an archive.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "zip",
  compare(facts, { bsdtar }) {
    if (facts === undefined) return [[REFUSED, true, bsdtar.rc !== 0]];
    return [
      ["format", facts.format, "zip"],
      ["entries", facts.details["entries"], bsdtar.entries?.length],
    ];
  },
  exceptions: {
    "libarchive__test_compat_zip_8.zip": [REFUSED, "a backslash in a name: a folder to some programs, part of the name to others"],
    "libarchive__test_read_format_zip_7075_utf8_paths.zip": [
      REFUSED,
      "names that are not UTF-8, and a second name in UTF-8: programs differ in which they use",
    ],
    "libarchive__test_read_format_zip_filename_cp932.zip": [
      REFUSED,
      "a name that is not UTF-8: every system unpacks it under another name",
    ],
    "libarchive__test_read_format_zip_lzma_alone_leak.zipx": ["format entries", "damaged; under this name a plain file"],
    "libarchive__test_read_format_zip_padded2.zip": [REFUSED, "bytes behind the end: two readers, two directories"],
    "libarchive__test_read_format_zip_ppmd8_crash_2.zipx": ["format entries", "damaged; under this name a plain file"],
    libarchive__test_read_format_zip_sfx: ["format entries", "begins with a program; a plain file"],
    "libarchive__test_read_format_zip_size_exceeds_declared_stored.zip": [REFUSED, "stored, but with two sizes"],
    "libarchive__test_read_format_zip_uncompressed_size_off_by_4gib.zip": [REFUSED, "stored, but with two sizes"],
  },
});

describeCorpus({
  folder: "zipsigned",
  compare(facts, { zip, jarsigner }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    return [
      ["entries", facts.details["entries"], zip.entries],
      ["jar", facts.signing.schemes.includes("jar"), !jarsigner.unsigned],
      ["schemes", facts.signing.schemes.join(" "), "opc"],
    ];
  },
  exceptions: {},
});
