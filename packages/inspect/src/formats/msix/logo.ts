import type { Zip } from "../../zip/open-zip.ts";

/**
 * The largest file that goes by the manifest's name for the logo: `Assets\Logo.png` stands for itself and for variants like
 * `Assets/Logo.scale-200.png`.
 */
export function findLogo(zip: Zip, logo: string | undefined): string | undefined {
  const path = logo?.replaceAll("\\", "/") ?? "";
  const dot = path.lastIndexOf(".");
  if (dot <= path.lastIndexOf("/") + 1) return undefined;
  const [stem, ending] = [path.slice(0, dot).toLowerCase(), path.slice(dot).toLowerCase()];
  const files = zip.entries.filter(({ name }) => {
    const lower = name.toLowerCase();
    return lower.startsWith(stem) && lower.endsWith(ending) && (lower.length === path.length || lower[stem.length] === ".");
  });
  return files.sort((a, b) => b.bytes - a.bytes)[0]?.name;
}
