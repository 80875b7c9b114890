import { MAX_ICON_BYTES } from "../../icons/zip-icon.ts";
import { findInImage, type ImageFiles } from "../../image-files.ts";

const DIR_ICON = ".DirIcon";
const THEME = "usr/share/icons/hicolor";
/** Sides of the theme's folders, the largest a page shows first. */
const SIDES: readonly number[] = [512, 256, 192, 128, 96, 64, 48];
const DRAWING = /\.(?:svgz?|xpm)$/;

/**
 * What the desktop entry calls its icon, at the top of the image or in its theme, or what the specification calls .DirIcon: pictures made of
 * pixels first, because drawings are not shown.
 */
export async function findIcon(image: ImageFiles, named: string | undefined): Promise<string | undefined> {
  const name = named === undefined || named === "" || named.includes("/") ? undefined : named.replace(/\.(?:png|svg|xpm)$/, "");
  const drawings = name === undefined ? [] : [`${name}.svg`, `${name}.xpm`];
  const candidates = [...(name === undefined ? [] : [`${name}.png`]), DIR_ICON, ...drawings];
  const found: string[] = [];
  for (const path of candidates) if ((await findInImage(image, path))?.kind === "file") found.push(path);
  const [best] = found;
  const isDrawing = best === undefined || DRAWING.test(best) || (best === DIR_ICON && found.length > 1);
  return (isDrawing && name !== undefined ? await findInTheme(image, name) : undefined) ?? best;
}

async function findInTheme(image: ImageFiles, name: string): Promise<string | undefined> {
  const folder = await findInImage(image, THEME);
  const folders = new Set(folder?.kind === "folder" ? (await folder.list()).map((entry) => entry.name) : []);
  for (const side of SIDES.filter((one) => folders.has(`${one}x${one}`))) {
    const path = `${THEME}/${side}x${side}/apps/${name}.png`;
    if ((await findInImage(image, path))?.kind === "file") return path;
  }
  return undefined;
}

export async function readImageIcon(image: ImageFiles, icon: string): Promise<Uint8Array | undefined> {
  const node = await findInImage(image, icon);
  return node?.kind === "file" && node.bytes <= MAX_ICON_BYTES ? node.read() : undefined;
}
