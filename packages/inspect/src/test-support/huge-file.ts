import { type ByteSource, memorySource } from "@distd/core";
import { DEFAULT_LIMITS } from "../limits.ts";
import { openZip } from "../zip/open-zip.ts";
import { sparseSource, withHugeEntry } from "./huge-zip.ts";

/** The same artifact, `hugeBytes` larger by zeros that exist only as a number. */
export async function hugeOf(bytes: Uint8Array, hugeBytes: number): Promise<ByteSource> {
  const magic = Buffer.from(bytes.subarray(0, 8)).toString("latin1");
  if (magic.startsWith("PK\x03\x04"))
    return withHugeEntry(await openZip(memorySource(bytes), DEFAULT_LIMITS, { contiguous: false }), hugeBytes);
  if (bytes[8] === 0x7b && magic.endsWith("\0\0\0\0")) return sparseSource(withLargeTensor(bytes, hugeBytes), hugeBytes, Buffer.alloc(0));
  // A disk image ends in a trailer with places from the front.
  const trailerAt = bytes.length - 512;
  if (trailerAt > 0 && Buffer.from(bytes.subarray(trailerAt, trailerAt + 4)).toString("latin1") === "koly")
    return sparseSource(Buffer.from(bytes.subarray(0, trailerAt)), hugeBytes, Buffer.from(bytes.subarray(trailerAt)));
  return sparseSource(magic === "!<arch>\n" ? withLongLastMember(bytes, hugeBytes) : Buffer.from(bytes), hugeBytes, Buffer.alloc(0));
}

/** An ar archive whose last member claims to be that much longer. */
function withLongLastMember(bytes: Uint8Array, hugeBytes: number): Buffer {
  const result = Buffer.from(bytes);
  let header = 8;
  for (;;) {
    const size = Number(result.toString("latin1", header + 48, header + 58));
    const next = header + 60 + size + (size % 2);
    if (next >= result.length) {
      result.write(String(size + (size % 2) + hugeBytes).padEnd(10), header + 48, "latin1");
      return result;
    }
    header = next;
  }
}

/** safetensors with one tensor more, which takes the zeros. */
function withLargeTensor(bytes: Uint8Array, hugeBytes: number): Buffer {
  const whole = Buffer.from(bytes);
  const headerBytes = Number(whole.readBigUInt64LE(0));
  const dataBytes = whole.length - 8 - headerBytes;
  const large = { dtype: "U8", shape: [hugeBytes], data_offsets: [dataBytes, dataBytes + hugeBytes] };
  const described = JSON.parse(whole.toString("utf8", 8, 8 + headerBytes)) as object;
  const header = Buffer.from(JSON.stringify({ ...described, large }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, whole.subarray(8 + headerBytes)]);
}
