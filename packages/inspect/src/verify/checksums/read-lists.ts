// Lists of digests among the files beside an artifact, and the OpenPGP signatures over them.
import { type ByteSource, memorySource } from "@distd/core";
import { isBroken } from "../../broken.ts";
import { hashPieces } from "../hash-pieces.ts";
import { type ClearText, isClearText, judgeClearText, readClearText } from "../openpgp/clear-text.ts";
import { readDetached } from "../openpgp/detached.ts";
import { judgeSignature, type Read } from "../openpgp/judge-signature.ts";
import type { KeyRing } from "../openpgp/key-ring.ts";
import { looksLikePackets } from "../openpgp/packets.ts";
import { problem, unreadable } from "../problem.ts";
import type { SignatureVerdict, VerdictProblem } from "../verdict.ts";
import { kindOfList, withoutSignatureEnding } from "./list-names.ts";
import { parseRows, type Row } from "./rows.ts";

const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 256 * 1024;
const MAX_SIGNATURES = 16;
const ENDINGS = [".asc", ".sig", ".sign", ".gpg"];

export interface DigestList {
  readonly name: string;
  readonly isOfFile: boolean;
  readonly bytes: Uint8Array;
  readonly rows: readonly Row[];
  /** Signed in place. */
  readonly text?: ClearText;
  /** Why it says nothing. */
  readonly problem?: VerdictProblem;
}

export async function readLists(fileName: string, beside: ReadonlyMap<string, ByteSource>): Promise<readonly DigestList[]> {
  const lists: DigestList[] = [];
  for (const [name, file] of beside) {
    const base = withoutSignatureEnding(name);
    const kind = kindOfList(base ?? name, fileName);
    if (kind === undefined) continue;
    // Behind such an ending there is a list only when it is signed in place.
    if (base !== undefined && !isClearText(await file.read(0, Math.min(file.size, 64)))) continue;
    lists.push(await readList(name, file, kind === "file"));
  }
  return lists;
}

async function readList(name: string, file: ByteSource, isOfFile: boolean): Promise<DigestList> {
  const none = { name, isOfFile, bytes: new Uint8Array(), rows: [] };
  if (file.size > MAX_LIST_BYTES) return { ...none, problem: problem("signing/unsupported", `a list of ${file.size} bytes`, name) };
  const bytes = await file.read(0, file.size);
  try {
    const text = isClearText(bytes) ? readClearText(bytes, name) : undefined;
    // Names are UTF-8; what is not that is nobody's name.
    const content = Buffer.from(bytes).toString("utf8");
    const lines = text ? text.lines.map((line) => Buffer.from(line, "latin1").toString("utf8")) : content.split("\n");
    const rows = parseRows(lines);
    // What is called so may list something else: only the file's own list has to tell of it.
    const unread = rows.length === 0 && isOfFile ? { problem: problem("signing/malformed", "there is no digest in it", name) } : {};
    return { name, isOfFile, bytes, rows, ...(text && { text }), ...unread };
  } catch (thrown) {
    if (isBroken(thrown)) return { ...none, problem: unreadable(thrown, name) };
    throw thrown;
  }
}

export interface JudgedList {
  readonly judged: readonly SignatureVerdict[];
  readonly problems: readonly VerdictProblem[];
}

/** Signatures in the list or beside it; those of other families are passed over. */
export async function judgeOpenPgp(
  { name, bytes, text }: DigestList,
  beside: ReadonlyMap<string, ByteSource>,
  ring: KeyRing,
  now: Date,
): Promise<JudgedList> {
  const ask = { scheme: "openpgp", ring, now };
  if (text !== undefined)
    return {
      judged: judgeClearText(text, { ...ask, where: name }),
      problems: text.signatures.flatMap((one) => ("problem" in one ? [one.problem] : [])),
    };
  const found: { readonly where: string; readonly read: Read }[] = [];
  for (const where of ENDINGS.map((ending) => `${name}${ending}`)) {
    const file = beside.get(where);
    if (file !== undefined) found.push(...(await readSignatures(file, where)).map((read) => ({ where, read })));
  }
  const problems = found.flatMap(({ read }) => ("problem" in read ? [read.problem] : []));
  const signatures = found.flatMap(({ where, read }) => ("signature" in read ? [{ where, signature: read.signature }] : []));
  if (signatures.length > MAX_SIGNATURES)
    return { judged: [], problems: [problem("signing/unsupported", `${signatures.length} signatures`, name)] };
  const names = signatures.map(({ signature }) => signature.hash);
  const hashes = await hashPieces(memorySource(bytes), [bytes], names);
  const judged = signatures.flatMap(({ where, signature }) => {
    const hash = hashes.get(signature.hash);
    return hash ? [judgeSignature(signature, hash, { ...ask, where })] : [];
  });
  return { judged, problems };
}

async function readSignatures(file: ByteSource, where: string): Promise<readonly Read[]> {
  if (file.size > MAX_SIGNATURE_BYTES) return [{ problem: problem("signing/unsupported", `a signature of ${file.size} bytes`, where) }];
  const bytes = await file.read(0, file.size);
  // Signed in place: a list of its own. And `.sig` is what others call theirs too.
  if (isClearText(bytes)) return [];
  const isOpenPgp = looksLikePackets(bytes) || Buffer.from(bytes).toString("latin1").includes("-----BEGIN PGP ");
  if (where.endsWith(".sig") && !isOpenPgp) return [];
  try {
    return readDetached(bytes, where);
  } catch (thrown) {
    if (isBroken(thrown)) return [{ problem: unreadable(thrown, where) }];
    throw thrown;
  }
}
