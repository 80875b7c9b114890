// Authenticode of cabinets. The digest leaves out what signing writes into the header: the number in a set, sizes of reserves, and the
// place of the signature. Followed: MS-CAB, and how signing tools write the reserve: 20 bytes, of which the last four are covered.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { readCabinet } from "../../formats/cab/cabinet.ts";
import type { HashName } from "../public-key.ts";
import { joinSignatures, type Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { hasContentBehind, hashesOf, readAuthenticode, verifyMessage } from "./authenticode.ts";
import { hashPieces, type Piece } from "../hash-pieces.ts";
import { problem } from "../problem.ts";

const MAX_SIGNATURE_BYTES = 16 * 1024 * 1024;
const RESERVES_AT = 36;
const RESERVE_BYTES = 20;
const COVERED_AT = 60;

export async function verifyCab(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const { signatureAt: place } = await readCabinet(source);
  if (place === undefined) return joinSignatures([]);
  if (place.bytes > MAX_SIGNATURE_BYTES) throw broken(`cab: a signature of ${place.bytes} bytes`);
  const reserves = new ByteReader(await source.read(RESERVES_AT, 4), { littleEndian: true });
  const [header, folder, data] = [reserves.u16(), reserves.u8(), reserves.u8()];
  if (header !== RESERVE_BYTES || folder !== 0 || data !== 0 || place.offset < COVERED_AT)
    return joinSignatures([], [problem("signing/unsupported", "the cabinet reserves room in a way that no signing tool does")]);
  const bytes = await source.read(place.offset, place.bytes);
  const messages = readAuthenticode(bytes);
  const hashes = await hashPieces(source, cabPieces(place.offset), hashesOf(messages));
  const digests = new Map<HashName, Buffer>([...hashes].map(([name, hash]) => [name, hash.digest()]));
  const signatures = messages.map((one) =>
    verifyMessage(one, context, ({ hash, digest }) =>
      digests.get(hash)?.equals(digest) === true
        ? []
        : [problem("signing/digest-mismatch", `the ${hash} of the cabinet is not the one that was signed`)],
    ),
  );
  const end = place.offset + place.bytes;
  const isAll = end === source.size && !hasContentBehind(bytes);
  return joinSignatures(signatures, isAll ? [] : [problem("signing/uncovered", "bytes stand behind the signature that nothing covers")]);
}

function cabPieces(end: number): readonly Piece[] {
  return [
    { offset: 0, bytes: 4 },
    { offset: 8, bytes: 26 },
    { offset: 56, bytes: 4 },
    { offset: COVERED_AT, bytes: end - COVERED_AT },
  ];
}
