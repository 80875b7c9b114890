// Authenticode of Windows Installer packages: the message is the stream \x05DigitalSignature. The digest is over the content of all other
// streams; where the stream \x05MsiDigitalSignatureEx is, a digest of their names, sizes and times comes before it.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import type { HashName } from "../public-key.ts";
import { joinSignatures, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { hasContentBehind, hashesOf, readAuthenticode, verifyMessage } from "./authenticode.ts";
import { hashPieces, type Piece, updateHashes } from "../hash-pieces.ts";
import { problem } from "../problem.ts";
import { readStorageTree, type StorageNode, type StorageTree } from "./storage-tree.ts";

const SIGNATURE = "\u0005DigitalSignature";
const SIGNATURE_EX = "\u0005MsiDigitalSignatureEx";
const MAX_SIGNATURE_BYTES = 16 * 1024 * 1024;
const MAX_EX_BYTES = 64;
const CHUNK_BYTES = 1024 * 1024;
const NAME_END = Buffer.alloc(2);

export async function verifyMsi(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const tree = await readStorageTree(source);
  const stream = findStream(tree, SIGNATURE);
  const extended = findStream(tree, SIGNATURE_EX);
  if (stream === undefined) {
    const stripped = problem("signing/stripped", "it was signed: a digest of the streams' names is there, the signature is gone");
    return joinSignatures([], extended === undefined ? [] : [stripped]);
  }
  const bytes = await readStream(source, tree, stream, MAX_SIGNATURE_BYTES);
  const messages = readAuthenticode(bytes);
  const names = hashesOf(messages);
  const metadata = extended && new Map([...names].map((name) => [name, digestMetadata(tree.root, name)]));
  const digests = await digestContent(source, tree, names, metadata);
  const stated = extended && (await readStream(source, tree, extended, MAX_EX_BYTES));
  const signatures = messages.map((one) =>
    verifyMessage(one, context, ({ hash, digest }) => {
      const problems: VerdictProblem[] = [];
      if (digests.get(hash)?.equals(digest) !== true)
        problems.push(problem("signing/digest-mismatch", `the ${hash} of the streams is not the one that was signed`));
      return problems;
    }),
  );
  const problems: VerdictProblem[] = [];
  if (stated !== undefined && metadata !== undefined && ![...metadata.values()].some((digest) => digest.equals(stated)))
    problems.push(problem("signing/digest-mismatch", "the digest of the streams' names and times is not theirs", SIGNATURE_EX.slice(1)));
  if (hasContentBehind(bytes))
    problems.push(problem("signing/uncovered", "bytes stand behind the message in its stream", SIGNATURE.slice(1)));
  if (extended === undefined)
    problems.push(problem("signing/partial", "names and times of the streams are not signed: there is no MsiDigitalSignatureEx"));
  const used = await tree.usedBytes();
  if (await hasContent(source, used))
    problems.push(problem("signing/uncovered", `bytes from ${used} on belong to no stream; no signature covers them`));
  return joinSignatures(signatures, problems);
}

function findStream({ root }: StorageTree, name: string): StorageNode | undefined {
  return root.children.find((child) => child.kind === "stream" && Buffer.from(child.name).toString("utf16le") === name);
}

async function readStream(source: ByteSource, tree: StorageTree, stream: StorageNode, maxBytes: number): Promise<Uint8Array> {
  if (stream.bytes > maxBytes) throw broken(`msi: a signature of ${stream.bytes} bytes`);
  const ranges = await tree.rangesOf(stream);
  return new Uint8Array(Buffer.concat(await Promise.all(ranges.map(({ offset, bytes }) => source.read(offset, bytes)))));
}

/** In the order in which they are signed: by the bytes of their names with the two zeros behind. The signature's own streams are left out. */
function signedChildren(node: StorageNode): readonly StorageNode[] {
  const key = ({ name }: StorageNode): Buffer => Buffer.concat([name, NAME_END]);
  return node.children
    .filter((child) => node.kind !== "root" || ![SIGNATURE, SIGNATURE_EX].includes(Buffer.from(child.name).toString("utf16le")))
    .toSorted((a, b) => Buffer.compare(key(a), key(b)));
}

async function digestContent(
  source: ByteSource,
  tree: StorageTree,
  names: Iterable<HashName>,
  metadata: ReadonlyMap<HashName, Buffer> | undefined,
): Promise<ReadonlyMap<HashName, Buffer>> {
  const hashes = await hashPieces(source, [], names);
  for (const [name, hash] of hashes) hash.update(metadata?.get(name) ?? Buffer.alloc(0));
  // Streams that share sectors could make a small file endless.
  if (contentBytes(tree.root) > source.size) throw broken("msi: the streams are larger than the file");
  await updateHashes(source, await contentPieces(tree, tree.root), [...hashes.values()]);
  return new Map([...hashes].map(([name, hash]) => [name, hash.digest()]));
}

function contentBytes({ bytes, kind, children }: StorageNode): number {
  return (kind === "stream" ? bytes : 0) + children.reduce((sum, child) => sum + contentBytes(child), 0);
}

/** A storage: its children's content, then its class. */
async function contentPieces(tree: StorageTree, node: StorageNode): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const child of signedChildren(node)) {
    const own = child.kind === "stream" ? await tree.rangesOf(child) : await contentPieces(tree, child);
    for (const piece of own) pieces.push(piece);
  }
  return [...pieces, node.classId];
}

/** What entries say: name, class or size, state and times; of the root neither name nor times. */
function digestMetadata(root: StorageNode, name: HashName): Buffer {
  const hash = createHash(name);
  const visit = (node: StorageNode): void => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(node.bytes % 2 ** 32);
    if (node.kind !== "root") hash.update(node.name);
    hash.update(node.kind === "stream" ? size : node.classId).update(node.stateBits);
    if (node.kind !== "root") hash.update(node.times);
    for (const child of signedChildren(node)) visit(child);
  };
  visit(root);
  return hash.digest();
}

/** Sectors nobody uses may follow the last that is used, if they are empty: a second file hidden there is signed by nobody (CVE-2020-1464). */
async function hasContent(source: ByteSource, from: number): Promise<boolean> {
  for (let at = from; at < source.size; at += CHUNK_BYTES) {
    const chunk = await source.read(at, Math.min(CHUNK_BYTES, source.size - at));
    if (chunk.some((byte) => byte !== 0 && byte !== 0xff)) return true;
  }
  return false;
}
