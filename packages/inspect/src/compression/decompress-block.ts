import { inflateSync, zstdDecompressSync } from "node:zlib";
import { memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import { decodeAdc } from "./adc.ts";
import { decompress } from "./decompress.ts";
import { decodeLz4Block } from "./lz4-block.ts";
import { decodeLzfse } from "./lzfse.ts";
import { decodeLzvn } from "./lzvn.ts";

export type BlockCodec = "gzip" | "bzip2" | "xz" | "lz4" | "zstd" | "adc" | "lzfse" | "lzvn";

const LZ_DECODERS = { adc: decodeAdc, lz4: decodeLz4Block, lzfse: decodeLzfse, lzvn: decodeLzvn } as const;

/** One small block that was compressed on its own. `gzip` is zlib's format, as file systems call it. */
export async function decompressBlock(data: Uint8Array, codec: BlockCodec, maxBytes: number): Promise<Uint8Array> {
  if (codec === "adc" || codec === "lz4" || codec === "lzfse" || codec === "lzvn") return LZ_DECODERS[codec](data, maxBytes);
  if (codec === "xz" || codec === "bzip2") {
    const chunks: Uint8Array[] = [];
    // Copied: a decompressor may use its buffer again.
    for await (const chunk of decompress(memorySource(data), codec, createBudget(maxBytes))) chunks.push(chunk.slice());
    return new Uint8Array(Buffer.concat(chunks));
  }
  try {
    return codec === "gzip" ? inflateSync(data, { maxOutputLength: maxBytes }) : zstdDecompressSync(data, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw broken(`a ${codec} block does not decompress to ${maxBytes} bytes or less`, cause);
  }
}
