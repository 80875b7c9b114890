import type { Zip } from "../../zip/open-zip.ts";

/** Parts of a path that say for whom a variant is: in the file's name (`Logo.scale-200.png`) or as folders of their own (`scale-200/Logo.png`). */
const QUALIFIER_FOLDER = /^(?:scale|targetsize|contrast|theme|altform|lang|language)-[a-z0-9-]+$/;
const HIGH_CONTRAST = /contrast-(?:black|white|high)/;

/**
 * The largest file that goes by the manifest's name for the logo: `Assets\Logo.png` stands for itself and for variants like
 * `Assets/Logo.scale-200.png`. Those for high contrast come last.
 */
export function findLogo(zip: Zip, logo: string | undefined): string | undefined {
  const path = normalize(logo ?? "");
  const dot = path.lastIndexOf(".");
  if (dot <= path.lastIndexOf("/") + 1) return undefined;
  const [stem, ending] = [path.slice(0, dot), path.slice(dot)];
  const files = zip.entries.filter(({ name }) => {
    const plain = withoutFolders(normalize(decodeName(name)));
    return plain.startsWith(stem) && plain.endsWith(ending) && (plain.length === path.length || plain[stem.length] === ".");
  });
  const rank = (name: string): number => (HIGH_CONTRAST.test(name.toLowerCase()) ? 1 : 0);
  return files.sort((a, b) => rank(a.name) - rank(b.name) || b.bytes - a.bytes)[0]?.name;
}

function normalize(path: string): string {
  return path.replaceAll("\\", "/").toLowerCase();
}

function withoutFolders(path: string): string {
  const parts = path.split("/");
  return parts.filter((part, index) => index === parts.length - 1 || !QUALIFIER_FOLDER.test(part)).join("/");
}

/** Packages write names as in an address, `%20` for a space. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
