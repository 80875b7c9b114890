/** PEP 503: names that differ in case, and in how words are joined, are one name. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Names a project may have: letters and digits at both ends. */
export function isProjectName(name: string): boolean {
  return /^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])$/.test(name);
}

/** Whether the file's name says what the file says: pip believes the name. */
export function namesItself(file: string, name: string, version: string): boolean {
  const match = /^(.+?)-([^-]+)(?:-.+\.whl|\.tar\.gz|\.zip)$/.exec(file);
  const isWheel = file.endsWith(".whl");
  if (isWheel) return match !== null && normalizeName(match[1] ?? "") === normalizeName(name) && same(match[2] ?? "", version);
  const stem = file.replace(/\.(?:tar\.gz|zip)$/, "");
  const cut = stem.lastIndexOf("-");
  return stem !== file && cut > 0 && normalizeName(stem.slice(0, cut)) === normalizeName(name) && same(stem.slice(cut + 1), version);
}

const same = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (version: string): string =>
  version
    .toLowerCase()
    .replaceAll("_", "-")
    .replace(/[-.](?=(?:a|b|rc|post|dev)\d*)/g, "");
