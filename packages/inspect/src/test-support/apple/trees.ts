// A signed app as its files, to change one and pack it again.
import { memorySource } from "@distd/core";
import { writeTar } from "../../../../../fixtures/formats/make/tar-writer.ts";
import { writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { openArchive } from "../../verify/apple/bundle/archive.ts";
import { readSigned } from "./signed-files.ts";

/** Path → content, or where a link leads. */
export type Tree = Map<string, Buffer | { readonly link: string }>;

export async function readTree(path: string): Promise<Tree> {
  const archive = await openArchive(memorySource(readSigned(path)));
  const tree: Tree = new Map();
  for (const { path: name, kind, target = "" } of archive.files) if (kind === "symlink") tree.set(name, { link: target });
  await archive.pass(
    (name) => archive.files.some((file) => file.path === name && file.kind === "file"),
    async (name, source) => void tree.set(name, Buffer.from(await source.read(0, source.size))),
  );
  return tree;
}

/** A tar: it can hold links. */
export function pack(tree: Tree): Buffer {
  return writeTar(
    [...tree].map(([path, content]) => (Buffer.isBuffer(content) ? { path, data: content } : { path, type: "2", link: content.link })),
  );
}

export function packIpa(tree: Tree): Buffer {
  return writeZip([...tree].map(([name, content]) => ({ name, data: content as Buffer })));
}

/** The content of a file that has to be there. */
export function fileOf(tree: Tree, path: string): Buffer {
  const content = tree.get(path);
  if (!Buffer.isBuffer(content)) throw new Error(`no ${path}`);
  return content;
}

export function changed(tree: Tree, path: string, change: (content: Buffer) => Buffer): Tree {
  return new Map(tree).set(path, change(fileOf(tree, path)));
}
