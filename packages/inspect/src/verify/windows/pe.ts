// Authenticode of programs and libraries. The digest is over the whole file in order, without the checksum, the certificate table's place
// among the directories, and the table. What follows the table is part of it too.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { DIRECTORY, readPe } from "../../pe/pe-file.ts";
import type { HashName } from "../public-key.ts";
import { joinSignatures, UNSIGNED } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { Digested } from "./catalogue.ts";
import { hashesOf, readAuthenticode, verifyMessage } from "./authenticode.ts";
import { parseCertificateTable } from "./certificate-table.ts";
import { hashPieces, type Piece, type Range, updateHashes } from "../hash-pieces.ts";
import { problem } from "../problem.ts";

const PE32 = 0x10b;
const CHECKSUM_AT = 88;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

interface PeLayout {
  readonly checksumAt: number;
  /** Where the directories name the certificate table; undefined in a program with too few directories to have one. */
  readonly entryAt: number | undefined;
  readonly table: Range | undefined;
}

async function readPeLayout(source: ByteSource): Promise<PeLayout> {
  const pe = await readPe(source);
  const peAt = new ByteReader(await source.read(60, 4), { littleEndian: true }).u32();
  const optional = new ByteReader(await source.read(peAt + 24, 112), { littleEndian: true });
  const isNarrow = optional.u16() === PE32;
  const count = optional.seek(isNarrow ? 92 : 108).u32();
  const entryAt = peAt + 24 + (isNarrow ? 96 : 112) + DIRECTORY.certificates * 8;
  if (count <= DIRECTORY.certificates) return { checksumAt: peAt + CHECKSUM_AT, entryAt: undefined, table: undefined };
  const place = pe.directory(DIRECTORY.certificates);
  if (place !== undefined && (place.at < entryAt + 8 || place.at + place.bytes > source.size))
    throw broken("pe: the certificate table lies outside the file");
  return {
    checksumAt: peAt + CHECKSUM_AT,
    entryAt,
    table: place && { offset: place.at, bytes: place.bytes },
  };
}

/** `alsoListedBy`: hashes that catalogues need of the same program, from the same reading. */
export async function verifyPe(source: ByteSource, context: VerifyContext, alsoListedBy: Iterable<HashName>): Promise<Digested> {
  const layout = await readPeLayout(source);
  const { table } = layout;
  if (table === undefined) return { own: UNSIGNED, digests: (await digestPe(source, layout, alsoListedBy)).digests };
  if (table.bytes > MAX_TABLE_BYTES) throw broken(`pe: a certificate table of ${table.bytes} bytes`);
  const { messages, repeats, problems } = parseCertificateTable(await source.read(table.offset, table.bytes));
  const read = messages.flatMap(readAuthenticode);
  const { digests, withoutRest } = await digestPe(source, layout, new Set([...hashesOf(read), ...alsoListedBy]));
  const signatures = read.map((one) =>
    verifyMessage(one, context, ({ hash, digest }) => {
      if (digests.get(hash)?.equals(digest) === true) return [];
      if (withoutRest?.get(hash)?.equals(digest) !== true)
        return [problem("signing/digest-mismatch", `the ${hash} of the program is not the one that was signed`)];
      return [problem("signing/uncovered", "bytes follow the certificate table that were not signed")];
    }),
  );
  const told = repeats === 0 ? signatures : signatures.map((one) => ({ ...one, details: { ...one.details, repeatedEntries: repeats } }));
  return { own: joinSignatures(told, problems), digests };
}

interface PeDigests {
  readonly digests: ReadonlyMap<HashName, Buffer>;
  /** As if the file ended with its table; only where it does not. */
  readonly withoutRest?: ReadonlyMap<HashName, Buffer>;
}

/** A program without a table counts as if filled up with zeros to eight bytes, which is what signing does first. */
async function digestPe(source: ByteSource, layout: PeLayout, names: Iterable<HashName>): Promise<PeDigests> {
  const { checksumAt, entryAt, table } = layout;
  const end = table?.offset ?? source.size;
  const afterChecksum = checksumAt + 4;
  const pieces: Piece[] = [
    { offset: 0, bytes: checksumAt },
    { offset: afterChecksum, bytes: (entryAt ?? end) - afterChecksum },
  ];
  if (entryAt !== undefined) pieces.push({ offset: entryAt + 8, bytes: end - entryAt - 8 });
  if (table === undefined) pieces.push(new Uint8Array((8 - (source.size % 8)) % 8));
  const hashes = await hashPieces(source, pieces, names);
  const restAt = table === undefined ? source.size : table.offset + table.bytes;
  const copies = restAt < source.size ? new Map([...hashes].map(([name, hash]) => [name, hash.copy()])) : undefined;
  await updateHashes(source, [{ offset: restAt, bytes: source.size - restAt }], [...hashes.values()]);
  const finish = (all: typeof hashes): ReadonlyMap<HashName, Buffer> => new Map([...all].map(([name, hash]) => [name, hash.digest()]));
  return { digests: finish(hashes), ...(copies !== undefined && { withoutRest: finish(copies) }) };
}
