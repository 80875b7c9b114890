import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * `rel_` + 10 characters of milliseconds + 12 random ones (Crockford base32): ids of one kind sort by time, and none can be guessed.
 */
export function createId(
  kind: "app" | "rel" | "art" | "chn" | "tok" | "upl" | "lse" | "rep" | "key" | "img" | "tst" | "lnk",
  now: number,
): string {
  let time = "";
  for (let rest = now, digits = 0; digits < 10; digits++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time;
  const random = Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join("");
  return `${kind}_${time}${random}`;
}
