// Installers signed here: as Apple signs their tables with RSA, with every part open to change; and what is stapled to them.
import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeXar, type XarRecipe } from "../../../../../fixtures/formats/make/pkg.ts";
import { ENTRIES } from "../../../../../fixtures/signatures/make/apple-pkg-unsigned.ts";
import { signedData, signerInfo } from "../../../../../fixtures/signatures/make/windows-cms.ts";
import { REPOSITORY } from "../fixtures.ts";

export const APPLE_FIXTURES = join(REPOSITORY, "fixtures/signatures/apple");
const RSA_BYTES = 256;
const MESSAGE_BYTES = 4096;
const HEADER_BYTES = 28;
const DATA = "1.2.840.113549.1.7.1";

export const appleCertificate = (name: string): Buffer =>
  new X509Certificate(readFileSync(join(APPLE_FIXTURES, "keys", `${name}.pem`))).raw;
export const appleKey = (name: string): KeyObject => createPrivateKey(readFileSync(join(APPLE_FIXTURES, "keys", `${name}.key.pem`)));

export interface PkgRecipe extends Omit<Partial<XarRecipe>, "fileChecksums"> {
  readonly fileChecksums?: XarRecipe["fileChecksums"] | "none";
  /** Certificates whose names are listed, the signer's first. */
  readonly by?: readonly string[];
  /** Whose key signs; the first certificate's unless said. */
  readonly key?: string;
  /** Who signs the CMS message beside it; none unless said. */
  readonly message?: string;
  /** What the heap holds between signatures and files. */
  readonly gap?: Buffer;
}

/** An RSA signature over the SHA-1 of the table, as productsign makes it. */
export function signPkg({ by = ["installer", "developer-id-authority"], key = by[0], message, gap, ...recipe }: PkgRecipe = {}): Buffer {
  const listed = by.map((name) => `<X509Certificate>${appleCertificate(name).toString("base64")}</X509Certificate>`).join("");
  const info = `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>${listed}</X509Data></KeyInfo>`;
  const place = (name: string, style: string, offset: number, bytes: number): string =>
    `<${name} style="${style}"><offset>${offset}</offset><size>${bytes}</size>${info}</${name}>`;
  const second = message === undefined ? "" : place("x-signature", "CMS", 20 + RSA_BYTES, MESSAGE_BYTES);
  const extra = `${place("signature", "RSA", 20, RSA_BYTES)}${second}${recipe.extra ?? ""}`;
  const { fileChecksums = "sha1", ...rest } = recipe;
  const whole: XarRecipe = { entries: ENTRIES, ...(fileChecksums !== "none" && { fileChecksums }), ...rest, extra };
  const reserved = RSA_BYTES + (message === undefined ? 0 : MESSAGE_BYTES) + (gap?.length ?? 0);
  const table = tableOf(writeXar({ ...whole, heapFront: Buffer.alloc(reserved) }));
  const heapFront = Buffer.alloc(reserved);
  sign("sha1", table, appleKey(key ?? "installer")).copy(heapFront);
  if (message !== undefined) messageOver(createHash("sha1").update(table).digest(), message).copy(heapFront, RSA_BYTES);
  gap?.copy(heapFront, reserved - gap.length);
  return writeXar({ ...whole, heapFront });
}

function messageOver(checksum: Buffer, name: string): Buffer {
  const by = { certificate: appleCertificate(name), key: appleKey(name) };
  return signedData(DATA, Buffer.alloc(0), [by.certificate], [signerInfo({ by, contentType: DATA, content: checksum })]);
}

function tableOf(archive: Buffer): Buffer {
  return archive.subarray(HEADER_BYTES, heapAt(archive));
}

/** Where the heap begins. */
export function heapAt(archive: Buffer): number {
  return HEADER_BYTES + Number(archive.readBigUInt64BE(8));
}

/** The archive with a ticket behind it; by whom Apple's system would sign one, unless said. */
export function staple(archive: Buffer, ticket: Buffer): Buffer {
  const mark = (type: number, length: number): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.write("t8lr", 0, "latin1");
    bytes.writeUInt16LE(1, 4);
    bytes.writeUInt16LE(type, 6);
    bytes.writeUInt32LE(length, 8);
    return bytes;
  };
  return Buffer.concat([archive, mark(1, 0), ticket, mark(2, ticket.length)]);
}

/** SHA-1 of the table, as tickets list installers. */
export const tableHash = (archive: Buffer): string => `1:${createHash("sha1").update(tableOf(archive)).digest("hex")}`;
