// Apple's XML property list (the PropertyList-1.0 DTD): <plist> around one value; <dict> holds <key> and value in turn. The XML parser is
// saxes. A document type is let through only as Apple writes it, without declarations of its own, so that there is nothing to expand.
import { decodeUtf8 } from "@distd/core";
import { SaxesParser } from "saxes";
import { broken } from "../broken.ts";
import { MAX_PLIST_VALUES, type PlistValue } from "./plist-value.ts";

const LEAVES: readonly string[] = ["key", "string", "integer", "real", "date", "data", "true", "false"];

interface Frame {
  readonly tag: string;
  readonly dict: Record<string, PlistValue>;
  readonly list: PlistValue[];
  key: string | undefined;
  text: string;
}

export function parseXmlPlist(bytes: Uint8Array, maxDepth: number): PlistValue {
  const open: Frame[] = [];
  let root: PlistValue | undefined;
  let count = 0;
  const parser = new SaxesParser();
  parser.on("error", (cause) => {
    throw broken(`plist: ${cause.message.slice(0, 200)}`, cause);
  });
  parser.on("doctype", (doctype) => {
    if (doctype.includes("[") || doctype.includes("<!")) throw broken("plist: the document type declares something");
  });
  parser.on("opentag", ({ name: tag }) => {
    const parent = open.at(-1);
    count += 1;
    if (count > MAX_PLIST_VALUES) throw broken(`plist: more than ${MAX_PLIST_VALUES} values`);
    if (open.length > maxDepth) throw broken(`plist: nested deeper than ${maxDepth}`);
    if ((parent === undefined) !== (tag === "plist")) throw broken("plist: the root is not <plist>");
    if (parent !== undefined && LEAVES.includes(parent.tag)) throw broken(`plist: <${tag.slice(0, 40)}> inside <${parent.tag}>`);
    open.push({ tag, dict: Object.create(null), list: [], key: undefined, text: "" });
  });
  const addText = (text: string): void => {
    const frame = open.at(-1);
    if (frame !== undefined && LEAVES.includes(frame.tag)) frame.text += text;
    else if (text.trim() !== "") throw broken("plist: text between values");
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const frame = open.pop() as Frame;
    const parent = open.at(-1);
    if (parent === undefined) root = frame.list[0];
    else addValue(parent, frame);
  });
  parser.write(decodeUtf8(bytes)).close();
  if (root === undefined) throw broken("plist: there is no value");
  return root;
}

function addValue(parent: Frame, frame: Frame): void {
  if (parent.tag !== "dict") {
    if (frame.tag === "key" || (parent.tag === "plist" && parent.list.length > 0))
      throw broken(`plist: <${frame.tag.slice(0, 40)}> is not expected here`);
    parent.list.push(frameValue(frame));
  } else if (frame.tag === "key") {
    if (parent.key !== undefined) throw broken("plist: a key has no value");
    parent.key = frame.text;
  } else {
    if (parent.key === undefined) throw broken("plist: a value has no key");
    if (!(parent.key in parent.dict)) parent.dict[parent.key] = frameValue(frame);
    parent.key = undefined;
  }
}

function frameValue(frame: Frame): PlistValue {
  const text = frame.text.trim();
  switch (frame.tag) {
    case "dict":
      if (frame.key !== undefined) throw broken("plist: a key has no value");
      return frame.dict;
    case "array":
      return frame.list;
    case "string":
      return frame.text;
    case "true":
      return true;
    case "false":
      return false;
    case "integer":
      return parseInteger(text);
    case "real":
      return parseReal(text);
    case "date":
      return parseDate(text);
    case "data":
      return new Uint8Array(Buffer.from(text, "base64"));
    default:
      throw broken(`plist: unknown element <${frame.tag.slice(0, 40)}>`);
  }
}

function parseInteger(text: string): number | bigint {
  if (!/^[+-]?(?:0x[0-9a-fA-F]{1,16}|\d{1,20})$/.test(text)) throw broken(`plist: '${text.slice(0, 40)}' is not an integer`);
  const magnitude = BigInt(text.replace(/^[+-]/, ""));
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function parseReal(text: string): number {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) throw broken(`plist: '${text.slice(0, 40)}' is not a number`);
  return value;
}

function parseDate(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || Number.isNaN(date.getTime()))
    throw broken(`plist: '${text.slice(0, 40)}' is not a date`);
  return date;
}
