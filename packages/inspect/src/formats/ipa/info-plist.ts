import { broken } from "../../broken.ts";
import { MAX_PLIST_BYTES, parsePlist } from "../../plist/parse-plist.ts";
import { dictAt, listAt, type PlistDict, stringAt, stringsAt } from "../../plist/plist-value.ts";
import type { Zip } from "../../zip/open-zip.ts";

const MAX_ICON_NAMES = 50;

/** The Info.plist of the bundle at `path`; undefined when it has none. */
export async function readInfoPlist(zip: Zip, path: string, maxDepth: number): Promise<PlistDict | undefined> {
  const entry = zip.find(`${path}Info.plist`);
  if (entry === undefined) return undefined;
  if (entry.bytes > MAX_PLIST_BYTES) throw broken(`${entry.name} claims ${entry.bytes} bytes, at most ${MAX_PLIST_BYTES} are read`);
  return parsePlist(await zip.read(entry), maxDepth, entry.name);
}

/** 1 iPhone, 2 iPad, 3 Apple TV, 4 Apple Watch, 7 Vision Pro; a bare number and numbers written as text count. */
export function deviceFamilies(info: PlistDict): readonly number[] {
  const value = info["UIDeviceFamily"];
  const list = value === undefined || Array.isArray(value) ? listAt(info, "UIDeviceFamily") : [value];
  return list.map(Number).filter((family) => Number.isInteger(family) && family > 0);
}

/** The largest file that goes by one of the names the app gives its icon. */
export function findIcon(zip: Zip, path: string, info: PlistDict): string | undefined {
  const names = ["CFBundleIcons", "CFBundleIcons~ipad"].flatMap((key) => {
    const primary = dictAt(dictAt(info, key) ?? {}, "CFBundlePrimaryIcon");
    return primary === undefined ? [] : stringsAt(primary, "CFBundleIconFiles");
  });
  names.push(...stringsAt(info, "CFBundleIconFiles"));
  const single = stringAt(info, "CFBundleIconFile");
  if (single !== undefined) names.push(single);
  const stems = names
    .slice(0, MAX_ICON_NAMES)
    .map((name) => (name.endsWith(".png") ? name.slice(0, -4) : name))
    .filter((stem) => stem !== "");
  const files = zip.entries.filter(({ name }) => name.endsWith(".png") && stems.some((stem) => isVariant(name, path, stem)));
  return files.sort((a, b) => b.bytes - a.bytes)[0]?.name;
}

/** `AppIcon60x60` stands for `AppIcon60x60.png`, `AppIcon60x60@3x.png`, `AppIcon60x60@2x~ipad.png`. */
function isVariant(name: string, path: string, stem: string): boolean {
  if (!name.startsWith(`${path}${stem}`)) return false;
  const next = name[path.length + stem.length];
  return next === "." || next === "@" || next === "~";
}
