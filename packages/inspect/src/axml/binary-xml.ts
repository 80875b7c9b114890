// Android's binary XML, what aapt makes of AndroidManifest.xml. Format: ResourceTypes.h of the Android framework. One outer chunk holds a
// string pool, a map from string index to resource id (attributes are known by that id, their names are decoration), then a flat list of
// start and end elements. Namespaces, text and unknown chunks are stepped over, as the platform's parser does.
import { broken } from "../broken.ts";
import { CHUNK, type Chunk, childChunks, chunkReader, parseChunk } from "./chunk.ts";
import { parseResValue, type ResValue } from "./res-value.ts";
import { parseStringPool, type StringPool } from "./string-pool.ts";

const NONE = 0xffffffff;
const MIN_ATTRIBUTE_BYTES = 20;

export interface XmlAttribute {
  readonly name: string;
  readonly hasNamespace: boolean;
  /** The framework's id of `android:…` attributes; undefined where the map has none. */
  readonly resourceId: number | undefined;
  /** The text as written in the source, where it was kept. */
  readonly raw: string | undefined;
  readonly value: ResValue;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
}

export function parseBinaryXml(bytes: Uint8Array, maxDepth: number): XmlElement {
  const document = parseChunk(bytes, 0);
  if (document.type !== CHUNK.xml) throw broken("AndroidManifest.xml is not binary XML");
  let strings: StringPool | undefined;
  let resourceIds: Uint32Array = new Uint32Array();
  const open: { element: XmlElement; children: XmlElement[] }[] = [];
  for (const chunk of childChunks(document)) {
    if (chunk.type === CHUNK.stringPool) strings ??= parseStringPool(chunk);
    else if (chunk.type === CHUNK.resourceMap) resourceIds = parseResourceMap(chunk);
    else if (chunk.type === CHUNK.startElement) {
      if (strings === undefined) throw broken("AndroidManifest.xml has no string pool");
      if (open.length >= maxDepth) throw broken(`AndroidManifest.xml is nested deeper than ${maxDepth}`);
      const children: XmlElement[] = [];
      const element = { ...parseStart(chunk, strings, resourceIds), children };
      open.at(-1)?.children.push(element);
      open.push({ element, children });
    } else if (chunk.type === CHUNK.endElement) {
      const closed = open.pop();
      if (closed === undefined) throw broken("AndroidManifest.xml closes an element that is not open");
      if (open.length === 0) return closed.element;
    }
  }
  throw broken("AndroidManifest.xml is cut short");
}

function parseResourceMap(chunk: Chunk): Uint32Array {
  const reader = chunkReader(chunk, chunk.headerSize);
  return Uint32Array.from({ length: Math.floor(reader.left / 4) }, () => reader.u32());
}

// ResXMLTree_attrExt after the header: namespace, name, attribute start, size and count, three indexes.
function parseStart(chunk: Chunk, strings: StringPool, resourceIds: Uint32Array): Omit<XmlElement, "children"> {
  const reader = chunkReader(chunk, chunk.headerSize).skip(4);
  const name = strings(reader.u32());
  const [start, size, count] = [reader.u16(), reader.u16(), reader.u16()];
  if (name === undefined) throw broken("AndroidManifest.xml has an element without a name");
  if (count > 0 && size < MIN_ATTRIBUTE_BYTES) throw broken("AndroidManifest.xml has an attribute that is too short");
  const attributes = Array.from({ length: count }, (_, index) =>
    parseAttribute(chunk, chunk.headerSize + start + index * size, strings, resourceIds),
  );
  return { name, attributes };
}

function parseAttribute(chunk: Chunk, offset: number, strings: StringPool, resourceIds: Uint32Array): XmlAttribute {
  const reader = chunkReader(chunk, offset);
  const [namespace, name, raw] = [reader.u32(), reader.u32(), reader.u32()];
  return {
    name: strings(name) ?? "",
    hasNamespace: namespace !== NONE,
    resourceId: resourceIds[name],
    raw: raw === NONE ? undefined : strings(raw),
    value: parseResValue(reader, strings),
  };
}
