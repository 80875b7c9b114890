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

/** Parses strict JSON (RFC 8259). A syntax error, a duplicate key or too deep nesting is `manifest/invalid` with `line` and `column`. */
export function parseLocatedJson(text: string): LocatedJson {
  const offsets = new Map<string, number>();
  const token =
    /[ \t\r\n]*(?:([{}[\],:])|"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null))/y;
  let start = 0;

  const fail = (message: string, offset: number): never => {
    const position = positionAt(text, offset);
    throw new DistError("manifest/invalid", `line ${position.line}: ${message}`, { details: { ...position, field: "" } });
  };
  const next = (): string => {
    const from = token.lastIndex;
    const match = token.exec(text);
    const end = match?.[0] ?? "";
    start = token.lastIndex - end.trimStart().length;
    if (match) return end.trimStart();
    const at = from + (/^[ \t\r\n]*/.exec(text.slice(from))?.[0].length ?? 0);
    return fail(at >= text.length ? "the JSON ends too early" : `unexpected ${JSON.stringify(text[at])}`, at);
  };

  const value = (first: string, path: string, depth: number): unknown => {
    offsets.set(path, start);
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`, start);
    if (first === "{") return object(path, depth);
    if (first === "[") return array(path, depth);
    if (/^[}\],:]/.test(first)) return fail(`unexpected ${JSON.stringify(first)}`, start);
    return JSON.parse(first);
  };
  const object = (path: string, depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = Object.create(null);
    for (let first = next(); first !== "}"; first = next()) {
      if (Object.keys(result).length > 0) first = first === "," ? next() : fail("expected ',' or '}'", start);
      if (!first.startsWith('"')) fail("expected a key in quotes", start);
      const key: string = JSON.parse(first);
      if (Object.hasOwn(result, key)) fail(`the key ${first} is there twice`, start);
      if (next() !== ":") fail("expected ':'", start);
      result[key] = value(next(), `${path}/${key}`, depth + 1);
    }
    return result;
  };
  const array = (path: string, depth: number): unknown[] => {
    const result: unknown[] = [];
    for (let first = next(); first !== "]"; first = next()) {
      if (result.length > 0) first = first === "," ? next() : fail("expected ',' or ']'", start);
      result.push(value(first, `${path}/${result.length}`, depth + 1));
    }
    return result;
  };

  const root = value(next(), "", 0);
  const rest = /[^ \t\r\n]/.exec(text.slice(token.lastIndex));
  if (rest) fail("text after the JSON value", token.lastIndex + rest.index);
  return {
    value: root,
    locate(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = offsets.get(
          path
            .slice(0, length)
            .map((part) => `/${String(part)}`)
            .join(""),
        );
        if (offset !== undefined) return positionAt(text, offset);
      }
      return positionAt(text, offsets.get("") ?? 0);
    },
  };
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
