import { readArmor } from "./armor.ts";
import { OpenPgpError } from "./openpgp-error.ts";
import { SIGNATURE_TYPES } from "./packets.ts";
import { type PublicKey, readPublicKeys, readSignatures, type Signature } from "./read-packets.ts";

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
const END_KEY = "-----END PGP PUBLIC KEY BLOCK-----\n";

/** Clocks differ; apt allows the same. */
const MAX_FUTURE_MS = 10_000;

export interface SignedText {
  /** What was signed, and nothing else of the message. */
  readonly text: string;
  /** Fingerprints of the keys whose signatures are good. */
  readonly signedBy: readonly string[];
}

/** Keys out of one or more armoured blocks, one after the other. */
export function readArmoredKeys(text: string): readonly PublicKey[] {
  const blocks = text.split(END_KEY);
  if (blocks.pop() !== "" || blocks.length === 0) throw new OpenPgpError("there is no key");
  return blocks.flatMap((block) => {
    const bytes = readArmor("PUBLIC KEY BLOCK", `${block}${END_KEY}`);
    if (!bytes) throw new OpenPgpError("a key is damaged");
    return readPublicKeys(bytes);
  });
}

/**
 * The text of a clearsigned message (RFC 9580 §7). As apt has it: one good signature by one of the keys is enough, a bad one by any of them
 * is too many, and what others signed counts for nothing. Throws `OpenPgpError`.
 */
export function verifyClearsigned(message: string, keys: readonly PublicKey[], at: Date): SignedText {
  const { lines, hashes, armored } = splitMessage(message);
  const signed = Buffer.from(lines.join("\r\n"), "utf8");
  const bytes = readArmor("SIGNATURE", armored);
  if (!bytes) throw new OpenPgpError("the signature is damaged");
  const reasons: string[] = [];
  const signedBy: string[] = [];
  for (const signature of readSignatures(bytes)) {
    const key = keys.find(({ fingerprint }) => fingerprint === signature.issuer);
    if (!key) {
      reasons.push(`signed by ${signature.issuer}, which is not known`);
      continue;
    }
    const isText = signature.type === SIGNATURE_TYPES.text && hashes.includes(signature.hash);
    if (!isText || !signature.isBy(key.key, signed)) throw new OpenPgpError(`the signature by ${key.fingerprint} is not good`);
    const reason = untimely(signature, key, at);
    if (reason === undefined) signedBy.push(key.fingerprint);
    else reasons.push(`${reason} (${key.fingerprint})`);
  }
  if (signedBy.length === 0) throw new OpenPgpError(reasons.join("; ") || "there is no signature");
  return { text: `${lines.join("\n")}\n`, signedBy };
}

/** Why a good signature does not count now; undefined when it does. */
function untimely({ created, expires }: Signature, key: PublicKey, at: Date): string | undefined {
  if (created.getTime() > at.getTime() + MAX_FUTURE_MS) return "the signature is from the future";
  if (created < key.created) return "the signature is older than the key";
  if (expires && expires <= at) return "the signature has expired";
  if (key.expires && key.expires <= at) return "the key has expired";
  return undefined;
}

interface Message {
  /** As they were signed: nothing escaped, no blanks at their ends. */
  readonly lines: readonly string[];
  readonly hashes: readonly string[];
  readonly armored: string;
}

/** Nothing may stand before, between or behind the parts: who reads on would take it for signed. */
function splitMessage(message: string): Message {
  const [first, ...rest] = message.split("\n");
  const blank = rest.indexOf("");
  const begin = rest.indexOf(BEGIN_SIGNATURE);
  if (first !== BEGIN || blank === -1 || begin < blank) throw new OpenPgpError("it is no signed text");
  const hashes = rest.slice(0, blank).flatMap((header) => {
    const [, names] = /^Hash: ([A-Z0-9]+(?:,[A-Z0-9]+)*)$/.exec(header) ?? [];
    if (names === undefined) throw new OpenPgpError("the signed text has a header that is not known");
    return names.split(",");
  });
  const lines = rest.slice(blank + 1, begin).map((line) => {
    if (line.startsWith("-") && !line.startsWith("- ")) throw new OpenPgpError("the signed text has a line that is not escaped");
    return (line.startsWith("- ") ? line.slice(2) : line).replace(/[ \t\r]+$/, "");
  });
  return { lines, hashes, armored: rest.slice(begin).join("\n") };
}
