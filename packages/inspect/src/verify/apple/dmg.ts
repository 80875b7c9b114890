// A disk image: its code signature lies between the image and the trailer ("koly") in its last 512 bytes, which points to it. The image is the
// code; the trailer, with the signature's length blinded, has a slot of its own (libsecurity_codesigning, diskimagerep.cpp).
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { problem } from "../problem.ts";
import { joinSignatures, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { codeVerdict } from "./code-verdict.ts";
import { judgeCode } from "./code-signature/judge-code.ts";
import { readCodeSignature } from "./code-signature/read-signature.ts";
import { SLOT } from "./code-signature/super-blob.ts";
import { pagesStretch } from "./macho/code-sweep.ts";
import { judgeNotarization } from "./notarization.ts";
import { sweep } from "./sweep.ts";

const TRAILER_BYTES = 512;
const KOLY = 0x6b6f6c79;
const SIGNATURE_AT = 296;
const SIGNATURE_LENGTH_AT = 304;
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;
const ENCRYPTED = "encrcdsa";

export async function verifyDmg(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const head = await source.read(0, Math.min(ENCRYPTED.length, source.size));
  if (Buffer.from(head).toString("latin1") === ENCRYPTED) return joinSignatures([]);
  const end = source.size - TRAILER_BYTES;
  if (end < 0) throw broken("dmg: cut short");
  const trailer = Uint8Array.from(await source.read(end, TRAILER_BYTES));
  const reader = new ByteReader(trailer, { littleEndian: false });
  if (reader.u32() !== KOLY) throw broken("dmg: there is no trailer");
  const [offset, bytes] = [reader.seek(SIGNATURE_AT).u64(), reader.u64()];
  if (bytes === 0) return joinSignatures([]);
  if (offset + bytes !== end || bytes > MAX_SIGNATURE_BYTES) throw broken("dmg: the signature does not lie between image and trailer");
  const signature = readCodeSignature(await source.read(offset, bytes));
  const problems: VerdictProblem[] = [];
  for (const { codeLimit } of signature.directories)
    if (codeLimit !== offset) problems.push(problem("signing/uncovered", "the signature does not cover the whole image"));
  trailer.fill(0, SIGNATURE_LENGTH_AT, SIGNATURE_LENGTH_AT + 8);
  const judged = await judgeCode({ signature, outside: new Map([[SLOT.repSpecific, trailer]]), context, place: "disk-image" });
  if (problems.length === 0) {
    const stretches = signature.directories.map((directory) =>
      pagesStretch({ offset: 0, directory, encryptedAt: undefined, where: undefined }),
    );
    problems.push(...(await sweep(source, { hashes: new Set(), stretches })).problems);
  }
  const slices = [{ signature, judged }];
  const notarization = judgeNotarization(slices, signature.ticket === undefined ? [] : [signature.ticket], context);
  return joinSignatures([codeVerdict({ slices, problems: [...problems, ...notarization.problems], details: notarization.details })]);
}
