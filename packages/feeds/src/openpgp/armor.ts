const LINE_CHARACTERS = 64;
const CRC24_START = 0xb704ce;
const CRC24_POLYNOMIAL = 0x1864cfb;

export type ArmorKind = "PUBLIC KEY BLOCK" | "PRIVATE KEY BLOCK" | "SIGNATURE";

/** Bytes as text between dashed lines (RFC 9580 §6.2), with the checksum older readers want. */
export function armor(kind: ArmorKind, bytes: Uint8Array): string {
  const body =
    Buffer.from(bytes)
      .toString("base64")
      .match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return [`-----BEGIN PGP ${kind}-----`, "", ...body, `=${checksum(bytes)}`, `-----END PGP ${kind}-----`, ""].join("\n");
}

/** The bytes of a text that `armor` could have written; undefined for any other. */
export function readArmor(kind: ArmorKind, text: string): Uint8Array | undefined {
  const [, body = ""] = /^-----BEGIN PGP [A-Z ]+-----\n\n([A-Za-z0-9+/=\n]+)\n=[A-Za-z0-9+/]{4}\n/.exec(text) ?? [];
  const bytes = Buffer.from(body.replaceAll("\n", ""), "base64");
  return armor(kind, bytes) === text ? bytes : undefined;
}

function checksum(bytes: Uint8Array): string {
  let crc = CRC24_START;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= CRC24_POLYNOMIAL;
    }
  }
  return Buffer.of((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff).toString("base64");
}
