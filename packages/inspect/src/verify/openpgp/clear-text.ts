// The cleartext signature framework (RFC 9580 §7): a text that people can read, signed in place. What is signed are its lines, without what is
// blank at their ends and with CR LF between them; nothing outside of it counts.
import { createHash } from "node:crypto";
import { broken } from "../../broken.ts";
import { readArmor } from "./armor.ts";
import type { SignatureVerdict } from "../verdict.ts";
import { judgeSignature, type Read, readDocumentSignature, type ToJudge } from "./judge-signature.ts";
import { PACKET, readPackets } from "./packets.ts";
import { SIGNATURE_TYPE } from "./signature-packet.ts";

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";
/** Others could hold what looks like text; gpg takes no others either. */
const HEADER = /^Hash: *[A-Za-z0-9, -]{1,100}$/;
const MAX_SIGNATURES = 16;

export interface ClearText {
  /** The signed lines as they are meant, as Latin-1. */
  readonly lines: readonly string[];
  /** Those that are of a known form, and why others are not. */
  readonly signatures: readonly Read[];
}

export function isClearText(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, BEGIN.length)).toString("latin1") === BEGIN;
}

/** One signed text and nothing else; anything else is `artifact/broken`. */
export function readClearText(bytes: Uint8Array, where: string): ClearText {
  const lines = Buffer.from(bytes)
    .toString("latin1")
    .split("\n")
    .map((line) => line.replace(/[ \t\r]+$/, ""));
  const [start, end] = [lines.indexOf(SIGNATURE), lines.indexOf(END)];
  const blank = lines.indexOf("");
  if (lines[0] !== BEGIN || blank === -1 || start < blank || end < start) throw broken("openpgp: a signed text is not complete");
  if (!lines.slice(1, blank).every((line) => HEADER.test(line))) throw broken("openpgp: a signed text has a header that is not known");
  if (lines.slice(end + 1).some((line) => line !== "")) throw broken("openpgp: something follows the signed text");
  const own = lines.slice(blank + 1, start).map(withoutDash);
  const signatures = readArmor(lines.slice(start, end + 1).join("\n")).flatMap((block) => readPackets(block.bytes));
  if (signatures.length === 0 || signatures.some(({ tag }) => tag !== PACKET.signature))
    throw broken("openpgp: there is something else than a signature behind a signed text");
  if (signatures.length > MAX_SIGNATURES) throw broken(`openpgp: ${signatures.length} signatures of one text`);
  return { lines: own, signatures: signatures.map(({ body }) => readDocumentSignature(body, where, [SIGNATURE_TYPE.text])) };
}

/** Each as `joinJudged` takes them. */
export function judgeClearText({ lines, signatures }: ClearText, ask: ToJudge): readonly SignatureVerdict[] {
  return signatures.flatMap((read) => {
    if ("problem" in read) return [];
    return [judgeSignature(read.signature, createHash(read.signature.hash).update(lines.join("\r\n"), "latin1"), ask)];
  });
}

/** A line that begins with a dash has another and a space in front. */
function withoutDash(line: string): string {
  if (line === "-" || line.startsWith("- ")) return line.slice(2);
  if (line.startsWith("-")) throw broken("openpgp: a line of a signed text begins with a dash");
  return line;
}
