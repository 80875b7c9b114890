import { isBitmap } from "../../axml/resolve.ts";
import { attempt } from "../../broken.ts";
import type { Zip } from "../../zip/open-zip.ts";
import { type LookupBudget, parseReference, resolveReference } from "./proto-resources.ts";
import { type ProtoAttribute, type ProtoElement, parseProtoXml } from "./proto-xml.ts";

const MAX_DRAWING_BYTES = 256 * 1024;
const FOREGROUND = "foreground";

/**
 * The largest bitmap among the files the icon may come from. When there are only drawings, one that the first draws: of an adaptive icon its
 * foreground. Else the drawing itself.
 */
export async function findAabIcon(
  attribute: ProtoAttribute | undefined,
  table: Uint8Array | undefined,
  zip: Zip,
  budget: LookupBudget,
  maxDepth: number,
): Promise<string | undefined> {
  const choices = choicesOf(attribute, table, zip, budget);
  const [best] = choices;
  if (best === undefined || isBitmap(best)) return best;
  const root = await attempt(() => readDrawing(zip, best, maxDepth));
  if (!("value" in root) || root.value === undefined) return best;
  const drawn = drawablesOf(root.value).flatMap((drawable) => choicesOf(drawable, table, zip, budget));
  return drawn.find(isBitmap) ?? best;
}

function choicesOf(
  attribute: ProtoAttribute | undefined,
  table: Uint8Array | undefined,
  zip: Zip,
  budget: LookupBudget,
): readonly string[] {
  const reference = parseReference(attribute?.item);
  if (reference === undefined || table === undefined) return [];
  const files = resolveReference(table, reference, budget)
    .map((path) => zip.find(`base/${path}`))
    .filter((entry) => entry !== undefined);
  const bitmaps = files.filter(({ name }) => isBitmap(name)).sort((a, b) => b.bytes - a.bytes);
  return [...bitmaps, ...files.filter(({ name }) => !isBitmap(name))].map(({ name }) => name);
}

async function readDrawing(zip: Zip, path: string, maxDepth: number): Promise<ProtoElement | undefined> {
  const entry = zip.find(path);
  return entry === undefined || entry.bytes > MAX_DRAWING_BYTES ? undefined : parseProtoXml(await zip.read(entry), maxDepth, path);
}

function drawablesOf(root: ProtoElement): readonly ProtoAttribute[] {
  const element = root.name === "adaptive-icon" ? root.children.find(({ name }) => name === FOREGROUND) : root;
  return element === undefined ? [] : below(element);
}

function below(element: ProtoElement): readonly ProtoAttribute[] {
  const own = [element.attributes.get("android:src"), element.attributes.get("android:drawable")].filter((found) => found !== undefined);
  return [...own, ...element.children.flatMap(below)];
}
