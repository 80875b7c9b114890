// XML as packages use it for their manifests, as a tree of elements by local name. The parser is saxes. A document type is refused:
// no manifest has one, and there is nothing to expand without it.
import { decodeUtf8 } from "@distd/core";
import { SaxesParser } from "saxes";
import { broken } from "../broken.ts";

const MAX_ELEMENTS = 200_000;
const MAX_ATTRIBUTES = 1000;

export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** By the name as written, prefix and all, without those that declare prefixes. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
}

interface Open {
  name: string;
  attributes: Record<string, string>;
  children: Open[];
  text: string;
}

export function parseXml(bytes: Uint8Array, maxDepth: number, what: string): XmlElement {
  const open: Open[] = [];
  let root: Open | undefined;
  let count = 0;
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (cause) => {
    throw broken(`${what}: ${cause.message.slice(0, 200)}`, cause);
  });
  parser.on("doctype", () => {
    throw broken(`${what} has a document type`);
  });
  parser.on("opentag", ({ local, attributes }) => {
    count += 1;
    if (count > MAX_ELEMENTS) throw broken(`${what} has more than ${MAX_ELEMENTS} elements`);
    if (open.length >= maxDepth) throw broken(`${what} is nested deeper than ${maxDepth}`);
    const listed = Object.entries(attributes).filter(([, { prefix, local: own }]) => prefix !== "xmlns" && own !== "xmlns");
    if (listed.length > MAX_ATTRIBUTES) throw broken(`${what} has an element with ${listed.length} attributes`);
    const element: Open = { name: local, attributes: Object.create(null), children: [], text: "" };
    for (const [key, { value }] of listed) element.attributes[key] = value;
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  parser.write(decodeXml(bytes)).close();
  if (root === undefined) throw broken(`${what} is empty`);
  return root;
}

/** UTF-16 is told by its byte order mark; everything else has to be UTF-8. */
function decodeXml(bytes: Uint8Array): string {
  if (bytes[0] !== 0xff || bytes[1] !== 0xfe) return decodeUtf8(bytes);
  return Buffer.from(bytes.subarray(2, bytes.length & ~1)).toString("utf16le");
}

export function childrenNamed(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

export function childNamed(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of a child; undefined when it is missing or empty. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return childNamed(element, name)?.text || undefined;
}

/** Every element below with this name, in order. */
export function descendantsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendantsNamed(child, name)]);
}
