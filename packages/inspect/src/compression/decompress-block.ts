import { inflateSync, zstdDecompressSync } from "node:zlib";
import { memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import { decompress } from "./decompress.ts";
import { decodeLz4Block } from "./lz4-block.ts";

export type BlockCodec = "gzip" | "xz" | "lz4" | "zstd";

/** One small block that was compressed on its own. `gzip` is zlib's format, as file systems call it. */
export async function decompressBlock(data: Uint8Array, codec: BlockCodec, maxBytes: number): Promise<Uint8Array> {
  if (codec === "lz4") return decodeLz4Block(data, maxBytes);
  if (codec === "xz") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of decompress(memorySource(data), "xz", createBudget(maxBytes))) chunks.push(chunk.slice());
    return new Uint8Array(Buffer.concat(chunks));
  }
  try {
    return codec === "gzip" ? inflateSync(data, { maxOutputLength: maxBytes }) : zstdDecompressSync(data, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw broken(`a ${codec} block does not decompress to ${maxBytes} bytes or less`, cause);
  }
}
