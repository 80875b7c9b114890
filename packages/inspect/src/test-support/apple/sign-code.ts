// Signs code by hand, so that a test can have exactly one thing wrong. rcodesign makes the fixtures; this makes what it refuses to make.
import { createHash, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  attribute,
  der,
  digestAlgorithm,
  integer,
  octetString,
  oid,
  sequence,
  set,
  signerInfo,
} from "../../../../../fixtures/signatures/make/windows-cms.ts";
import { REPOSITORY } from "../fixtures.ts";
import { testCertificate } from "./signed-files.ts";

const DATA = "1.2.840.113549.1.7.1";
const PAGE = 4096;
const SIGNATURE_BYTES = 0x3000;
const HASHES = { 1: ["sha1", 20, "1.3.14.3.2.26"], 2: ["sha256", 32, "2.16.840.1.101.3.4.2.1"] } as const;
export type HashType = keyof typeof HASHES;

export interface CodeRecipe {
  readonly identifier?: string;
  readonly teamId?: string;
  readonly flags?: number;
  /** Test certificates, the signer's first; empty: ad hoc. */
  readonly by?: readonly string[];
  /** Hashes of the code directories, the first one's first. */
  readonly hashes?: readonly HashType[];
  /** What lies outside of the signature and is sealed, by slot. */
  readonly outside?: Readonly<Record<number, Buffer>>;
  /** Blobs in the signature, by slot. */
  readonly blobs?: Readonly<Record<number, Buffer>>;
  /** Slots no code directory has a hash of. */
  readonly unsealed?: readonly number[];
  /** Bytes of code that are covered; all unless said. */
  readonly codeLimit?: number;
  /** Code as an alternate directory sees it. */
  readonly alternateCode?: Buffer;
  /** Changes the signed attributes about code directories. */
  readonly attributes?: (directories: readonly Buffer[], hashes: readonly HashType[]) => readonly Buffer[];
  /** Encloses what is signed. */
  readonly isEnclosing?: boolean;
  /** Signs twice. */
  readonly isDouble?: boolean;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

export function blob(magic: number, content: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([words(magic, 8 + content.length), content]);
}

const hashWith = (type: HashType, bytes: Uint8Array): Buffer => createHash(HASHES[type][0]).update(bytes).digest();

function codeDirectory(code: Buffer, type: HashType, recipe: CodeRecipe, pageBytes = PAGE): Buffer {
  const { identifier = "example", teamId = "TESTTEAM01", flags = 0, outside = {}, blobs = {}, unsealed = [] } = recipe;
  const bytes = HASHES[type][1];
  const limit = recipe.codeLimit ?? code.length;
  const sealed = { ...blobs, ...outside };
  const slots = Math.max(0, ...Object.keys(sealed).map(Number));
  const special = Array.from({ length: slots }, (_, index) => {
    const content = sealed[slots - index];
    return content === undefined || unsealed.includes(slots - index) ? Buffer.alloc(bytes) : hashWith(type, content);
  });
  const pages: Buffer[] = [];
  for (let at = 0; at < limit; at += pageBytes) pages.push(hashWith(type, code.subarray(at, Math.min(at + pageBytes, limit))));
  const names = Buffer.from(`${identifier}\0${teamId}\0`);
  const header = 52;
  const hashOffset = header + names.length + slots * bytes;
  const fields = words(0x20200, flags, hashOffset, header, slots, pages.length, limit);
  const kinds = Buffer.of(bytes, type, 0, pageBytes === PAGE ? 12 : 0);
  const team = teamId === "" ? 0 : header + identifier.length + 1;
  return blob(0xfade0c02, Buffer.concat([fields, kinds, words(0, 0, team), names, ...special, ...pages]));
}

/** Both attributes, as Apple's tools write them. */
export function agilityAttributes(directories: readonly Buffer[], hashes: readonly HashType[]): readonly Buffer[] {
  const order = hashes.map((type, index) => ({ type, directory: directories[index] as Buffer })).toSorted((a, b) => a.type - b.type);
  const list = order.map(({ type, directory }) => `<data>${hashWith(type, directory).subarray(0, 20).toString("base64")}</data>`).join("");
  const plist = `<?xml version="1.0"?><plist version="1.0"><dict><key>cdhashes</key><array>${list}</array></dict></plist>`;
  const values = order.map(({ type, directory }) => sequence(oid(HASHES[type][2]), octetString(hashWith(type, directory))));
  return [
    attribute("1.2.840.113635.100.9.1", octetString(Buffer.from(plist))),
    attribute("1.2.840.113635.100.9.2", ...values.toSorted(Buffer.compare)),
  ];
}

/** The message over a code directory. */
export function codeMessage(directories: readonly Buffer[], recipe: CodeRecipe): Buffer {
  const { by = ["developer-id", "developer-id-authority", "root"], hashes = [2], attributes = agilityAttributes } = recipe;
  const [content] = directories;
  if (content === undefined || by[0] === undefined) return Buffer.alloc(0);
  const key = createPrivateKey(readFileSync(join(REPOSITORY, "fixtures/signatures/apple/keys", `${by[0]}.key.pem`)));
  const signer = { certificate: testCertificate(by[0]), key };
  const info = signerInfo({ by: signer, contentType: DATA, content, attributes: attributes(directories, hashes) });
  const enclosed = recipe.isEnclosing === true ? [der(0xa0, octetString(content))] : [];
  const body = sequence(
    integer(1),
    set(digestAlgorithm()),
    sequence(oid(DATA), ...enclosed),
    der(0xa0, ...by.map(testCertificate)),
    set(info, ...(recipe.isDouble === true ? [info] : [])),
  );
  return sequence(oid("1.2.840.113549.1.7.2"), der(0xa0, body));
}

export function codeDirectories(code: Buffer, recipe: CodeRecipe, pageBytes?: number): readonly Buffer[] {
  return (recipe.hashes ?? [2]).map((type, index) =>
    codeDirectory(index === 0 ? code : (recipe.alternateCode ?? code), type, recipe, pageBytes),
  );
}

function superBlob(blobs: readonly (readonly [slot: number, bytes: Buffer])[]): Buffer {
  let offset = 12 + blobs.length * 8;
  const index = blobs.map(([slot, bytes]) => {
    const row = words(slot, offset);
    offset += bytes.length;
    return row;
  });
  return Buffer.concat([words(0xfade0cc0, offset, blobs.length), ...index, ...blobs.map(([, bytes]) => bytes)]);
}

/** A program of apple-unsigned.ts with a signature. */
export function signCode(unsigned: Buffer, recipe: CodeRecipe = {}): Buffer {
  const code = Buffer.from(unsigned);
  const [count, bytes] = [code.readUInt32LE(16), code.readUInt32LE(20)];
  code.writeUInt32LE(count + 1, 16);
  code.writeUInt32LE(bytes + 16, 20);
  for (const [index, value] of [0x1d, 16, code.length, SIGNATURE_BYTES].entries()) code.writeUInt32LE(value, 32 + bytes + index * 4);
  const directories = codeDirectories(code, recipe);
  const blobs = Object.entries(recipe.blobs ?? {}).map(([slot, content]) => [Number(slot), content] as const);
  const signature = superBlob([
    ...directories.map((directory, index) => [index === 0 ? 0 : 0x1000 + index - 1, directory] as const),
    ...blobs,
    [0x10000, blob(0xfade0b01, codeMessage(directories, recipe))],
  ]);
  return Buffer.concat([code, signature, Buffer.alloc(SIGNATURE_BYTES - signature.length)]);
}
