import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";

/** An object from JSON text. Nesting is counted first: parsers end in a stack overflow otherwise. */
export function parseJsonObject(bytes: Uint8Array, maxDepth: number, what: string): Readonly<Record<string, unknown>> {
  const text = decodeUtf8(bytes).replace(/^\uFEFF/, "");
  checkDepth(text, maxDepth, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(`${what} is not JSON`, cause);
  }
  if (!isObject(value)) throw broken(`${what} is not a JSON object`);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The members that are text, in an object without prototype; absent when there are none. */
export function textsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const texts = Object.create(null) as Record<string, string>;
  for (const [key, member] of Object.entries(value)) if (typeof member === "string") texts[key] = member;
  return Object.keys(texts).length === 0 ? undefined : texts;
}

function checkDepth(text: string, maxDepth: number, what: string): void {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inText) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) inText = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > maxDepth) throw broken(`${what} is nested deeper than ${maxDepth}`);
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
}
