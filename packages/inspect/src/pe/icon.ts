// A program's icon: a group (winuser.h, RT_GROUP_ICON) lists images that are resources of their own (RT_ICON). Put together they are an ICO file:
// the group's rows end in a resource's number where those of a file end in a place.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { readPe } from "./pe-file.ts";
import { openResources, RESOURCE, type Resources } from "./resources.ts";

const FOLDER = ".rsrc/icon/";
const HEADER_BYTES = 6;
const GROUP_ROW_BYTES = 14;
const FILE_ROW_BYTES = 16;
const MAX_IMAGES = 64;
const MAX_GROUP_BYTES = HEADER_BYTES + GROUP_ROW_BYTES * MAX_IMAGES;
const MAX_IMAGES_BYTES = 8 * 1024 * 1024;

/** A name for the icon Windows shows, the first group: `.rsrc/icon/1`. Undefined when there is none. */
export async function findPeIcon(resources: Resources): Promise<string | undefined> {
  const [first] = await resources.list(RESOURCE.iconGroup);
  return first === undefined ? undefined : `${FOLDER}${String(first).toWellFormed()}`;
}

/** The icon as an ICO file. */
export async function readPeIcon(source: ByteSource, icon?: string): Promise<Uint8Array | undefined> {
  const resources = openResources(source, await readPe(source));
  const groups = await resources.list(RESOURCE.iconGroup);
  const group = icon === undefined ? groups[0] : groups.find((name) => `${FOLDER}${String(name).toWellFormed()}` === icon);
  const rows = group === undefined ? undefined : await resources.read(RESOURCE.iconGroup, group, MAX_GROUP_BYTES);
  return rows === undefined ? undefined : assemble(resources, rows);
}

async function assemble(resources: Resources, group: Uint8Array): Promise<Uint8Array> {
  const reader = new ByteReader(group, { littleEndian: true });
  const header = reader.take(HEADER_BYTES);
  const count = reader.seek(4).u16();
  const images: { readonly row: Uint8Array; readonly data: Uint8Array }[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const row = reader.take(8);
    const id = reader.skip(4).u16();
    const data = await resources.read(RESOURCE.icon, id, MAX_IMAGES_BYTES - bytes);
    if (data === undefined) throw broken(`pe: the icon's image ${id} is missing`);
    images.push({ row, data });
    bytes += data.length;
  }
  let offset = HEADER_BYTES + images.length * FILE_ROW_BYTES;
  const rows = images.map(({ row, data }) => {
    const place = Buffer.alloc(8);
    place.writeUInt32LE(data.length, 0);
    place.writeUInt32LE(offset, 4);
    offset += data.length;
    return Buffer.concat([row, place]);
  });
  return new Uint8Array(Buffer.concat([header, ...rows, ...images.map(({ data }) => data)]));
}
