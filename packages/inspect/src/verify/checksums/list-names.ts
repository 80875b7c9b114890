// What lists of digests are called, and the signatures beside them.

/** Of a whole folder: `SHA256SUMS`, `sha512sum.txt`, `lantern_1.0.0_checksums.txt`. */
const OF_FOLDER = /(?:^|[._-])(?:sha(?:224|256|384|512)sums?|checksums?)(?:\.txt)?$/i;
/** Behind the name of one file: `lantern.tar.gz.sha256`. */
const OF_FILE = /^\.(?:sha(?:224|256|384|512)(?:sums?)?)(?:\.txt)?$/i;
const SIGNATURE = /\.(?:asc|sig|sign|gpg)$/;

/** `folder`: the list names its files; `file`: it may be the digest alone. Undefined: it is no list that could tell of the file. */
export function kindOfList(name: string, fileName: string): "folder" | "file" | undefined {
  if (name === fileName) return undefined;
  if (name.startsWith(fileName) && OF_FILE.test(name.slice(fileName.length))) return "file";
  return OF_FOLDER.test(name) ? "folder" : undefined;
}

/** The name without the ending of an OpenPGP signature; undefined: it has none. */
export function withoutSignatureEnding(name: string): string | undefined {
  return SIGNATURE.test(name) ? name.replace(SIGNATURE, "") : undefined;
}
