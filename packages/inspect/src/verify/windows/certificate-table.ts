import { ByteReader } from "@distd/core";
import { isBroken } from "../../broken.ts";
import { parseFirstDer } from "../../x509/der.ts";
import type { VerdictProblem } from "../verdict.ts";
import { problem } from "../problem.ts";

const HEADER_BYTES = 8;
const REVISION_2 = 0x0200;
const PKCS_SIGNED_DATA = 2;
const MAX_ENTRIES = 64;

export interface CertificateTable {
  /** Each once, in order. */
  readonly messages: readonly Uint8Array[];
  /** Entries that say again what one before them says. */
  readonly repeats: number;
  readonly problems: readonly VerdictProblem[];
}

/**
 * WIN_CERTIFICATE entries: length, revision, type, content; each begins at a multiple of eight. No signature covers what lies between the
 * end of a message and the next entry, so only zeros may (Windows' EnableCertPaddingCheck, CVE-2013-3900).
 */
export function parseCertificateTable(table: Uint8Array): CertificateTable {
  const messages = new Map<string, Uint8Array>();
  const problems: VerdictProblem[] = [];
  let count = 0;
  let at = 0;
  while (at + HEADER_BYTES <= table.length) {
    if (count === MAX_ENTRIES) return fail(problem("signing/unsupported", `the certificate table has more than ${MAX_ENTRIES} entries`));
    const reader = new ByteReader(table, { littleEndian: true }).seek(at);
    const length = reader.u32();
    const [revision, type] = [reader.u16(), reader.u16()];
    if (length < HEADER_BYTES || length > table.length - at)
      return fail(problem("signing/malformed", "an entry of the certificate table has an impossible length"));
    const next = Math.min(table.length, at + Math.ceil(length / 8) * 8);
    const content = table.subarray(at + HEADER_BYTES, next);
    count += 1;
    at = next;
    if (type !== PKCS_SIGNED_DATA || revision !== REVISION_2) {
      problems.push(problem("signing/unsupported", `the certificate table has an entry of type ${type}, revision ${revision}`));
      continue;
    }
    const message = messageIn(content.subarray(0, length - HEADER_BYTES));
    if (message === undefined) return fail(problem("signing/malformed", "an entry of the certificate table holds no message"));
    if (content.subarray(message.length).some((byte) => byte !== 0)) problems.push(hidden(`entry ${count}`));
    messages.set(Buffer.from(message).toString("base64"), message);
  }
  if (table.subarray(at).some((byte) => byte !== 0)) problems.push(hidden("the table's end"));
  if (messages.size === 0 && problems.length === 0) problems.push(problem("signing/malformed", "the certificate table is empty"));
  return { messages: [...messages.values()], repeats: count - messages.size, problems };

  function fail(why: VerdictProblem): CertificateTable {
    return { messages: [...messages.values()], repeats: count - messages.size, problems: [...problems, why] };
  }
}

function hidden(where: string): VerdictProblem {
  return problem("signing/uncovered", "bytes stand behind a signature in the certificate table that nothing covers", where);
}

function messageIn(content: Uint8Array): Uint8Array | undefined {
  try {
    return parseFirstDer(content).encoded;
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}
