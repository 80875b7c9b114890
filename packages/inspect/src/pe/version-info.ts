// The version resource (VS_VERSIONINFO): nested blocks of length, value length, type, name in UTF-16 and, aligned to four bytes, value and
// child blocks. Texts lie under StringFileInfo / <language and code page> / <name>. Levels are fixed, so nothing recurses.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

const HEADER_BYTES = 6;
const MAX_BLOCKS = 1000;

interface Block {
  readonly name: string;
  /** The value's bytes; for text the file counts letters, so this reaches to the block's end. */
  readonly body: Uint8Array;
  readonly valueLength: number;
}

/** The texts of the first language that has any, in an object without prototype. */
export function parseVersionStrings(bytes: Uint8Array): Readonly<Record<string, string>> {
  const [root] = parseBlocks(bytes, 1);
  if (root?.name !== "VS_VERSION_INFO") throw broken("pe: the version resource is damaged");
  const texts: Record<string, string> = Object.create(null);
  const children = parseBlocks(root.body.subarray(align(root.valueLength)), MAX_BLOCKS);
  const languages = children.filter(({ name }) => name === "StringFileInfo").flatMap(({ body }) => parseBlocks(body, MAX_BLOCKS));
  for (const language of languages) {
    for (const { name, body } of parseBlocks(language.body, MAX_BLOCKS)) {
      const text = textOf(body);
      if (text !== "" && !(name in texts)) texts[name] = text;
    }
  }
  return texts;
}

function parseBlocks(bytes: Uint8Array, max: number): readonly Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length && blocks.length < max) {
    const reader = new ByteReader(bytes, { littleEndian: true }).seek(at);
    const length = reader.u16();
    // Linkers pad with zeros.
    if (length === 0) break;
    if (length < HEADER_BYTES || length > bytes.length - at) throw broken("pe: a part of the version resource has an impossible length");
    const valueLength = reader.u16();
    const block = bytes.subarray(at, at + length);
    const name = textOf(block.subarray(HEADER_BYTES));
    const start = Math.min(length, align(HEADER_BYTES + 2 * name.length + 2));
    blocks.push({ name, body: block.subarray(start), valueLength });
    at += align(length);
  }
  return blocks;
}

/** UTF-16 up to the first NUL. Halves of surrogate pairs become U+FFFD: facts are well-formed text. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, bytes.length & ~1)).toString("utf16le");
  const end = text.indexOf("\0");
  return (end === -1 ? text : text.slice(0, end)).toWellFormed();
}

function align(length: number): number {
  return (length + 3) & ~3;
}
