import { parseBinaryXml, type XmlElement } from "../../axml/binary-xml.ts";
import type { ResValue } from "../../axml/res-value.ts";
import { iconChoices, isBitmap } from "../../axml/resolve.ts";
import type { ResourceTable } from "../../axml/resource-table.ts";
import { attempt } from "../../broken.ts";

/** xxxhdpi: what a launcher on the finest screens draws. */
const MAX_ICON_DENSITY = 640;
/** android:src and android:drawable (public-final.xml of the Android framework). */
const DRAWABLE_ATTRIBUTES: readonly (number | undefined)[] = [0x01010119, 0x01010199];
const MAX_DRAWING_BYTES = 256 * 1024;
/** Drawings looked into: one may draw another. */
const MAX_DRAWINGS = 8;
const ADAPTIVE = "adaptive-icon";
const FOREGROUND = "foreground";

/** What of a package is needed to find its icon. */
export interface IconFiles {
  has(path: string): boolean;
  read(path: string, maxBytes: number): Promise<Uint8Array>;
}

/**
 * The finest bitmap the icon may come from that is really in the file (the rest may be in splits). When there are only drawings, a bitmap the
 * first of them draws: of an adaptive icon its foreground. Else the drawing itself.
 */
export async function findApkIcon(
  icon: ResValue | undefined,
  resources: ResourceTable,
  files: IconFiles,
  maxDepth: number,
): Promise<string | undefined> {
  const paths = (value: ResValue | undefined): readonly string[] =>
    iconChoices(value, resources, MAX_ICON_DENSITY)
      .map(({ path }) => path)
      .filter((path) => files.has(path));
  const choices = paths(icon);
  const [best] = choices;
  if (best === undefined || isBitmap(best)) return best;
  const seen = new Set<string>();
  const waiting = [...choices];
  for (let path = waiting.shift(); path !== undefined && seen.size < MAX_DRAWINGS; path = waiting.shift()) {
    if (isBitmap(path)) return path;
    if (seen.has(path)) continue;
    seen.add(path);
    const drawing = path;
    const root = await attempt(async () => parseBinaryXml(await files.read(drawing, MAX_DRAWING_BYTES), maxDepth));
    if ("value" in root) waiting.unshift(...drawablesOf(root.value).flatMap(paths));
  }
  return best;
}

function drawablesOf(root: XmlElement): readonly ResValue[] {
  const element = root.name === ADAPTIVE ? root.children.find(({ name }) => name === FOREGROUND) : root;
  return element === undefined ? [] : below(element);
}

function below(element: XmlElement): readonly ResValue[] {
  const own = element.attributes.filter(({ resourceId }) => DRAWABLE_ATTRIBUTES.includes(resourceId)).map(({ value }) => value);
  return [...own, ...element.children.flatMap(below)];
}
