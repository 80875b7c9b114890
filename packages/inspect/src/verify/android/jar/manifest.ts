// MANIFEST.MF and .SF (JAR File Specification, "JAR Manifest" and "Signature File"): lines of `Name: value`, a line that begins with a space
// continues the one before, an empty line ends a section. Signatures are over sections byte for byte, so where each one lies is kept.
// Read as Android does: lines may be longer than 72 bytes, names and values keep their spaces.

export interface ManifestSection {
  /** Of the entry it is about; undefined in the main section. */
  readonly name: string | undefined;
  /** Bytes from `start` to `end` with the empty line that closes it. */
  readonly start: number;
  readonly end: number;
}

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;

/** All sections, the main one first. */
export function* readSections(bytes: Uint8Array): Generator<ManifestSection, void, undefined> {
  for (let offset = 0; offset < bytes.length; ) {
    const first = lineAt(bytes, offset);
    if (first.end === offset) {
      offset = first.next;
      continue;
    }
    const start = offset;
    let name: string | undefined;
    let isFirst = true;
    while (offset < bytes.length) {
      const line = logicalLineAt(bytes, offset);
      offset = line.next;
      if (line.bytes.length === 0) break;
      if (isFirst) name = nameIn(line.bytes);
      isFirst = false;
    }
    yield { name, start, end: offset };
  }
}

/** By name in lower case, the first of each. */
export function readAttributes(bytes: Uint8Array, { start, end }: ManifestSection): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  const section = bytes.subarray(start, end);
  for (let offset = 0; offset < section.length; ) {
    const line = logicalLineAt(section, offset);
    offset = line.next;
    const [name, value] = attributeOf(line.bytes);
    if (name !== "" && !attributes.has(name)) attributes.set(name, value);
  }
  return attributes;
}

function nameIn(line: Uint8Array): string | undefined {
  const [name, value] = attributeOf(line);
  return name === "name" ? value : undefined;
}

function attributeOf(line: Uint8Array): readonly [name: string, value: string] {
  const text = Buffer.from(line).toString("utf8");
  const colon = text.indexOf(": ");
  return colon === -1 ? [text.toLowerCase(), ""] : [text.slice(0, colon).toLowerCase(), text.slice(colon + 2)];
}

interface Line {
  /** Where its content ends. */
  readonly end: number;
  /** Where the next begins. */
  readonly next: number;
}

/** Lines end with CR LF, CR or LF. */
function lineAt(bytes: Uint8Array, start: number): Line {
  for (let at = start; at < bytes.length; at += 1) {
    if (bytes[at] === LF) return { end: at, next: at + 1 };
    if (bytes[at] === CR) return { end: at, next: bytes[at + 1] === LF ? at + 2 : at + 1 };
  }
  return { end: bytes.length, next: bytes.length };
}

/** A line with those that continue it. */
function logicalLineAt(bytes: Uint8Array, start: number): { readonly bytes: Uint8Array; readonly next: number } {
  let { end, next } = lineAt(bytes, start);
  if (end === start || bytes[next] !== SPACE) return { bytes: bytes.subarray(start, end), next };
  const pieces = [bytes.subarray(start, end)];
  while (bytes[next] === SPACE) {
    const from = next + 1;
    ({ end, next } = lineAt(bytes, next));
    pieces.push(bytes.subarray(from, end));
  }
  return { bytes: Buffer.concat(pieces), next };
}
