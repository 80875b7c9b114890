import { crc32 } from "node:zlib";

/**
 * `dist_ci_` + 30 base62 characters (178 bits) + 6 base62 characters of their CRC-32: a mistyped or invented token is told apart without
 * asking the database, and secret scanners recognise it.
 */
export const TOKEN_PREFIX = "dist_ci_";
const SECRET_CHARACTERS = 30;
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const shape = /^dist_ci_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** Random bytes to a token: at least 64 of them, because those that would make the characters uneven are passed over. */
export function renderToken(randomBytes: Uint8Array): string {
  const even = Array.from(randomBytes).filter((byte) => byte < 248);
  if (even.length < SECRET_CHARACTERS) throw new RangeError("more random bytes are needed for a token");
  const secret = even
    .slice(0, SECRET_CHARACTERS)
    .map((byte) => alphabet[byte % 62])
    .join("");
  return `${TOKEN_PREFIX}${secret}${checksum(secret)}`;
}

export function isWellFormedToken(text: string): boolean {
  const [, secret, sum] = shape.exec(text) ?? [];
  return secret !== undefined && sum === checksum(secret);
}

function checksum(secret: string): string {
  let value = crc32(secret);
  let digits = "";
  for (let index = 0; index < 6; index++) {
    digits = (alphabet[value % 62] ?? "") + digits;
    value = Math.floor(value / 62);
  }
  return digits;
}
