// LZFSE: blocks, each with a magic of four letters: plain, compressed with one of two headers, or LZVN; the last says that it is the end.
// Followed: Apple's own lzfse, and its decoder where a limit is not written down.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { LzWindow } from "./lz-window.ts";
import { decodeLzfseBlock } from "./lzfse-block.ts";
import { readPackedHeader, readPlainHeader } from "./lzfse-header.ts";
import { decodeLzvnInto } from "./lzvn.ts";

export function decodeLzfse(data: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new ByteReader(data, { littleEndian: true });
  const window = new LzWindow(maxBytes, "lzfse");
  for (;;) {
    const magic = Buffer.from(reader.take(4)).toString("latin1");
    if (magic === "bvx$") return window.content();
    if (magic === "bvx-") window.literals(reader.take(reader.u32()));
    else if (magic === "bvx1") decodeLzfseBlock(readPlainHeader(reader), reader, window);
    else if (magic === "bvx2") decodeLzfseBlock(readPackedHeader(reader), reader, window);
    else if (magic === "bvxn") decodeLzvnBlock(reader, window);
    else throw broken(`lzfse: a block of an unknown kind, ${JSON.stringify(magic)}`);
  }
}

function decodeLzvnBlock(reader: ByteReader, window: LzWindow): void {
  const end = window.length + reader.u32();
  decodeLzvnInto(window, reader.take(reader.u32()));
  if (window.length !== end) throw broken("lzfse: an LZVN block is of another length than it says");
}
