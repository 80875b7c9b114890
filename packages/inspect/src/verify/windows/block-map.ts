// AppxBlockMap.xml: for every file of a package its size and the hash of each 64 KiB of its content. Windows verifies a block when it is
// read, so a package whose signature holds and whose map lies would install and then not run.
import { createHash } from "node:crypto";
import { broken, isBroken } from "../../broken.ts";
import { childrenNamed, type XmlElement } from "../../xml/parse-xml.ts";
import type { ZipEntry } from "../../zip/directory.ts";
import type { Zip } from "../../zip/open-zip.ts";
import type { HashName } from "../public-key.ts";
import type { VerdictProblem } from "../verdict.ts";
import { BLOCK_MAP, CODE_INTEGRITY, CONTENT_TYPES, SIGNATURE } from "./appx-digests.ts";
import { problem } from "../problem.ts";

const BLOCK_BYTES = 64 * 1024;
const MAX_PROBLEMS = 20;
const METHODS: Readonly<Record<string, HashName>> = {
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
};
/** The map itself, and what the signature has digests of its own for. */
const UNLISTED: ReadonlySet<string> = new Set([BLOCK_MAP, CONTENT_TYPES, SIGNATURE, CODE_INTEGRITY]);

interface MappedFile {
  readonly name: string;
  readonly bytes: number;
  readonly blocks: readonly { readonly hash: string; readonly compressedBytes: number | undefined }[];
}

export interface BlockMap {
  readonly hash: HashName;
  readonly files: ReadonlyMap<string, MappedFile>;
}

/** Names are as Windows writes paths. */
export function parseBlockMap(root: XmlElement): BlockMap {
  const hash = METHODS[root.attributes["HashMethod"] ?? ""];
  if (root.name !== "BlockMap" || hash === undefined) throw broken("msix: the block map has no hash method that is known");
  const files = new Map<string, MappedFile>();
  for (const file of childrenNamed(root, "File")) {
    const name = file.attributes["Name"] ?? "";
    if (name === CONTENT_TYPES) throw broken(`msix: the block map lists ${CONTENT_TYPES}`);
    if (files.has(name)) throw broken(`msix: the block map lists ${JSON.stringify(name)} twice`);
    const blocks = childrenNamed(file, "Block").map(({ attributes }) => ({
      hash: attributes["Hash"] ?? "",
      compressedBytes: attributes["Size"] === undefined ? undefined : Number(attributes["Size"]),
    }));
    files.set(name, { name, bytes: Number(file.attributes["Size"] ?? BLOCK_BYTES), blocks });
  }
  if (files.size === 0) throw broken("msix: the block map is empty");
  return { hash, files };
}

/** Every file against the map, block by block; one block is held. `unmapped` are files that need not be in it: the packages of a bundle. */
export async function compareBlocks(zip: Zip, map: BlockMap, unmapped: ReadonlySet<string>): Promise<readonly VerdictProblem[]> {
  const problems: VerdictProblem[] = [];
  const missing = new Set(map.files.keys());
  for (const entry of zip.entries) {
    if (UNLISTED.has(entry.name) || entry.name.endsWith("/")) continue;
    const name = windowsPath(entry.name);
    missing.delete(name);
    const file = map.files.get(name);
    if (file === undefined && unmapped.has(name)) continue;
    const found =
      file === undefined
        ? problem("signing/uncovered", "the block map does not list it", entry.name)
        : await compareFile(zip, entry, file, map.hash);
    if (found !== undefined) problems.push(found);
    if (problems.length === MAX_PROBLEMS) return problems;
  }
  const [gone] = missing;
  return gone === undefined
    ? problems
    : [...problems, problem("signing/digest-mismatch", "the block map lists it, and it is not there", gone)];
}

async function compareFile(zip: Zip, entry: ZipEntry, file: MappedFile, hash: HashName): Promise<VerdictProblem | undefined> {
  const differs = (what: string): VerdictProblem => problem("signing/digest-mismatch", what, entry.name);
  if (file.bytes !== entry.bytes) return differs(`it has ${entry.bytes} bytes, the block map says ${file.bytes}`);
  if (file.blocks.length !== Math.ceil(entry.bytes / BLOCK_BYTES)) return differs(`the block map has ${file.blocks.length} blocks for it`);
  const stated = file.blocks.reduce<number | undefined>(
    (sum, { compressedBytes }) => (sum === undefined || compressedBytes === undefined ? undefined : sum + compressedBytes),
    0,
  );
  // A compressed file ends in an empty block that the map does not count.
  if (entry.method !== 0 && stated !== undefined && (Number.isNaN(stated) || stated > entry.compressedBytes))
    return differs("its compressed blocks are larger than it is");
  const content = zip.forward(entry);
  try {
    for (const [index, block] of file.blocks.entries()) {
      const at = index * BLOCK_BYTES;
      const bytes = await content.read(at, Math.min(BLOCK_BYTES, entry.bytes - at));
      if (createHash(hash).update(bytes).digest("base64") !== block.hash)
        return differs(`block ${index + 1} is not the one of the block map`);
    }
  } catch (thrown) {
    if (isBroken(thrown)) return differs(thrown.message);
    throw thrown;
  } finally {
    await content.close();
  }
  return undefined;
}

/** Entries are named as addresses are. */
function windowsPath(name: string): string {
  try {
    return decodeURIComponent(name).replaceAll("/", "\\");
  } catch {
    return name.replaceAll("/", "\\");
  }
}
