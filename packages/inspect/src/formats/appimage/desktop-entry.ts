import { decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";
import { findInImage, type ImageFiles } from "../../image-files.ts";

const MAX_ENTRY_BYTES = 256 * 1024;

export interface DesktopEntry {
  readonly path: string;
  /** Of the group [Desktop Entry], those without a language. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The one .desktop file at the top of the image; the first by name when there are several. */
export async function findDesktopEntry(image: ImageFiles): Promise<DesktopEntry | undefined> {
  const top = await image.open(image.root);
  if (top.kind !== "folder") throw broken("appimage: its file system has no top folder");
  const names = (await top.list()).map(({ name }) => name).filter((name) => name.endsWith(".desktop"));
  for (const path of names.sort()) {
    const node = await findInImage(image, path);
    if (node?.kind !== "file") continue;
    if (node.bytes > MAX_ENTRY_BYTES) throw broken(`appimage: a desktop entry of ${node.bytes} bytes`);
    return { path, fields: parseDesktopEntry(decodeUtf8(await node.read())) };
  }
  return undefined;
}

/** Desktop Entry Specification 1.5, "Basic format of the file". */
function parseDesktopEntry(text: string): Readonly<Record<string, string>> {
  const fields = Object.create(null) as Record<string, string>;
  let group = "";
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("[")) group = line.trim();
    const parts = /^([A-Za-z0-9-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (group !== "[Desktop Entry]" || parts === null) continue;
    const [, key, value] = parts as unknown as [string, string, string];
    if (value !== "" && !(key in fields)) fields[key] = value;
  }
  return fields;
}
