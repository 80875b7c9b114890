import { DistError } from "../errors/dist-error.ts";

/** A JSON text's value, and where in the text each part of it stands. */
export interface LocatedJson {
  readonly value: unknown;
  /** Line and column, from 1, of the value at a path such as `["artifacts", 0, "path"]`; the nearest parent when there is none. */
  locate(path: readonly PropertyKey[]): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

const MAX_DEPTH = 64;

const space = /[ \t\r\n]+/y;
const word = /[{}[\],:]|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const quote = /"/y;
const characters = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Parses strict JSON (RFC 8259). A syntax error, a duplicate key, half a surrogate pair or too deep nesting is `manifest/invalid` with
 * `line` and `column`. Objects come without a prototype.
 */
export function parseLocatedJson(text: string): LocatedJson {
  const lines = lineStarts(text);
  /** For each object and array where its members' values begin. */
  const places = new Map<object, Map<string, number>>();
  /** Of the token read last. */
  let start = 0;
  let end = 0;

  const fail = (message: string, offset: number): never => {
    const position = positionAt(lines, offset);
    throw new DistError("manifest/invalid", `line ${position.line}: ${message}`, { details: { ...position, field: "" } });
  };
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = end;
    const isThere = pattern.test(text);
    if (isThere) end = pattern.lastIndex;
    return isThere;
  };
  const next = (): string => {
    skip(space);
    start = end;
    if (skip(word)) return text.slice(start, end);
    if (skip(quote)) {
      // Piece by piece: one expression for a whole string exhausts the engine's stack when the string is long.
      while (skip(characters));
      if (skip(quote)) return text.slice(start, end);
    }
    const found = text.codePointAt(end);
    return fail(found === undefined ? "the JSON ends too early" : `unexpected ${JSON.stringify(String.fromCodePoint(found))}`, end);
  };

  const value = (first: string, depth: number): unknown => {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`, start);
    if (first === "{") return object(depth);
    if (first === "[") return array(depth);
    if (/^[}\],:]/.test(first)) return fail(`unexpected ${JSON.stringify(first)}`, start);
    return first.startsWith('"') ? string(first) : JSON.parse(first);
  };
  const string = (quoted: string): string => {
    const read: string = JSON.parse(quoted);
    return read.isWellFormed() ? read : fail("half a surrogate pair is not text", start);
  };
  const object = (depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = Object.create(null);
    const inner = placesOf(result);
    for (let first = next(), isFirst = true; first !== "}"; first = next(), isFirst = false) {
      if (!isFirst) first = first === "," ? next() : fail("expected ',' or '}'", start);
      if (!first.startsWith('"')) fail("expected a key in quotes", start);
      const key = string(first);
      if (Object.hasOwn(result, key)) fail(`the key ${first} is there twice`, start);
      if (next() !== ":") fail("expected ':'", start);
      const member = next();
      inner.set(key, start);
      result[key] = value(member, depth + 1);
    }
    return result;
  };
  const array = (depth: number): unknown[] => {
    const result: unknown[] = [];
    const inner = placesOf(result);
    for (let first = next(); first !== "]"; first = next()) {
      if (result.length > 0) first = first === "," ? next() : fail("expected ',' or ']'", start);
      inner.set(String(result.length), start);
      result.push(value(first, depth + 1));
    }
    return result;
  };
  const placesOf = (container: object): Map<string, number> => {
    const inner = new Map<string, number>();
    places.set(container, inner);
    return inner;
  };

  const first = next();
  const rootStart = start;
  const root = value(first, 0);
  skip(space);
  if (end < text.length) fail("text after the JSON value", end);
  return {
    value: root,
    locate(path) {
      let offset = rootStart;
      let place = root;
      for (const part of path) {
        const key = String(part);
        const inner = places.get(place as object)?.get(key);
        if (inner === undefined) break;
        offset = inner;
        place = (place as Record<string, unknown>)[key];
      }
      return positionAt(lines, offset);
    },
  };
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
}

function positionAt(lines: readonly number[], offset: number): Position {
  let line = 0;
  let after = lines.length;
  while (after - line > 1) {
    const middle = Math.floor((line + after) / 2);
    if ((lines[middle] ?? 0) <= offset) line = middle;
    else after = middle;
  }
  return { line: line + 1, column: offset - (lines[line] ?? 0) + 1 };
}
