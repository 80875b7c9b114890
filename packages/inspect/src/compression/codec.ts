/** The compressions that package formats use, by the bytes they begin with. */
export type Codec = "gzip" | "xz" | "bzip2" | "zstd";

const MAGIC: readonly (readonly [Codec, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 8]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

export function detectCodec(head: Uint8Array): Codec | undefined {
  return MAGIC.find(([, magic]) => head.length >= magic.length && magic.every((byte, index) => head[index] === byte))?.[0];
}
