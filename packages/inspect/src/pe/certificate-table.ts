import { ByteReader, type ByteSource, type CertificateFacts } from "@distd/core";
import { attempt, broken } from "../broken.ts";
import { uniqueCertificates } from "../x509/certificate.ts";
import { parseSignedData } from "../x509/signed-data.ts";
import { DIRECTORY, type PeFile } from "./pe-file.ts";

const HEADER_BYTES = 8;
const PKCS_SIGNED_DATA = 2;
const MAX_TABLE_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 64;

export interface PeSignatures {
  /** Entries of the table. */
  readonly count: number;
  readonly certificates: readonly CertificateFacts[];
  /** The same signature is there more than once. */
  readonly repeated: boolean;
  /** Why a part of the table was not read. */
  readonly damage?: string;
}

/** Authenticode: entries of length, revision, kind and, aligned to eight bytes, a CMS message each. Undefined when there is no table. */
export async function readPeSignatures(source: ByteSource, pe: PeFile): Promise<PeSignatures | undefined> {
  const place = pe.directory(DIRECTORY.certificates);
  if (place === undefined) return undefined;
  const messages: Uint8Array[] = [];
  const certificates: CertificateFacts[] = [];
  const read = await attempt(async () => {
    if (place.bytes > MAX_TABLE_BYTES) throw broken(`the certificate table has ${place.bytes} bytes`);
    for (const message of parseTable(await source.read(place.at, place.bytes))) messages.push(message);
    for (const message of messages) certificates.push(...parseSignedData(message).signers.map(({ facts }) => facts));
  });
  const distinct = new Set(messages.map((message) => Buffer.from(message).toString("base64")));
  return {
    count: messages.length,
    certificates: uniqueCertificates(certificates),
    repeated: distinct.size < messages.length,
    ...("error" in read ? { damage: read.error.message } : {}),
  };
}

function* parseTable(table: Uint8Array): Generator<Uint8Array, void, undefined> {
  let at = 0;
  for (let count = 0; at + HEADER_BYTES <= table.length; count += 1) {
    if (count === MAX_ENTRIES) throw broken(`the certificate table has more than ${MAX_ENTRIES} entries`);
    const reader = new ByteReader(table, { littleEndian: true }).seek(at);
    const length = reader.u32();
    const kind = reader.skip(2).u16();
    if (length < HEADER_BYTES) throw broken("an entry of the certificate table has an impossible length");
    const data = reader.take(length - HEADER_BYTES);
    if (kind === PKCS_SIGNED_DATA) yield data;
    at += Math.ceil(length / 8) * 8;
  }
}
