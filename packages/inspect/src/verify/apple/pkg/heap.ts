// What a signature of an installer covers: the table of contents, which has a checksum of each file as it lies in the heap.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { childNamed, childrenNamed, childText } from "../../../xml/parse-xml.ts";
import { numberOf, type Xar, type XarFile } from "../../../xar/open-xar.ts";
import { updateHashes } from "../../hash-pieces.ts";
import { problem } from "../../problem.ts";
import type { HashName } from "../../public-key.ts";
import type { VerdictProblem } from "../../verdict.ts";

const STYLES: ReadonlySet<string> = new Set<HashName>(["md5", "sha1", "sha256", "sha512"]);
const BROKEN_STYLES: ReadonlySet<string> = new Set(["md5"]);
const GAP_BYTES = 64 * 1024;
/** One is as good as all of them. */
const MAX_NAMED = 20;

/** Every file's stored bytes against its checksum, and what lies in the heap between them. Each byte is read once. */
export async function checkHeap(source: ByteSource, xar: Xar): Promise<readonly VerdictProblem[]> {
  const problems: VerdictProblem[] = [];
  for (const file of xar.files) {
    const found = await checkFile(source, xar, file);
    if (found) problems.push(found);
    if (problems.length === MAX_NAMED) return problems;
  }
  return [...problems, ...(await checkGaps(source, xar))];
}

async function checkFile(source: ByteSource, { heapAt }: Xar, { path, data }: XarFile): Promise<VerdictProblem | undefined> {
  if (data === undefined || data.storedBytes === 0) return undefined;
  const { checksum, offset, storedBytes } = data;
  if (checksum === undefined || BROKEN_STYLES.has(checksum.style))
    return problem("signing/uncovered", "the table of contents has no checksum of it that says anything", path);
  if (!STYLES.has(checksum.style)) return problem("signing/unsupported", `a checksum of the kind ${checksum.style.slice(0, 40)}`, path);
  if (heapAt + offset + storedBytes > source.size) return problem("signing/digest-mismatch", "it reaches beyond the end", path);
  const hash = createHash(checksum.style);
  await updateHashes(source, [{ offset: heapAt + offset, bytes: storedBytes }], [hash]);
  return hash.digest("hex") === checksum.value ? undefined : problem("signing/digest-mismatch", "it is not what was signed", path);
}

/** Bytes that belong to nothing may be anything; zeros are nothing. */
async function checkGaps(source: ByteSource, xar: Xar): Promise<readonly VerdictProblem[]> {
  let at = 0;
  for (const { offset, bytes } of places(xar).toSorted((a, b) => a.offset - b.offset)) {
    if (offset > at && !(await isZero(source, xar.heapAt + at, xar.heapAt + offset)))
      return [problem("signing/uncovered", `bytes ${at} to ${offset} of the heap belong to no file`)];
    at = Math.max(at, offset + bytes);
  }
  return [];
}

interface Place {
  readonly offset: number;
  readonly bytes: number;
}

function places({ table, files }: Xar): readonly Place[] {
  const own = ["checksum", "signature", "x-signature"].flatMap((name) => childrenNamed(table, name));
  return [
    ...own.map((element) => ({ offset: numberOf(childText(element, "offset")), bytes: numberOf(childText(element, "size")) })),
    ...attributesOf(table),
    ...files.flatMap(({ data }) => (data === undefined ? [] : [{ offset: data.offset, bytes: data.storedBytes }])),
  ];
}

/** Extended attributes of files lie in the heap too; installers have none. */
function attributesOf(table: Xar["table"]): readonly Place[] {
  return childrenNamed(table, "file").flatMap((file) => {
    const found = childrenNamed(file, "ea").flatMap((element) => {
      const [offset, length] = [childNamed(element, "offset"), childNamed(element, "length")];
      return offset && length ? [{ offset: numberOf(offset.text), bytes: numberOf(length.text) }] : [];
    });
    return [...found, ...attributesOf(file)];
  });
}

async function isZero(source: ByteSource, from: number, to: number): Promise<boolean> {
  for (let at = from; at < to; at += GAP_BYTES) {
    const bytes = await source.read(at, Math.min(GAP_BYTES, to - at));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
