import { type ByteSource, memorySource } from "@distd/core";
import { DEFAULT_LIMITS } from "../limits.ts";
import { openZip } from "../zip/open-zip.ts";
import { sparseSource, withHugeEntry } from "./huge-zip.ts";

/** The same artifact, `hugeBytes` larger by zeros that exist only as a number. */
export async function hugeOf(bytes: Uint8Array, hugeBytes: number): Promise<ByteSource> {
  const magic = Buffer.from(bytes.subarray(0, 8)).toString("latin1");
  if (magic.startsWith("PK\x03\x04"))
    return withHugeEntry(await openZip(memorySource(bytes), DEFAULT_LIMITS, { contiguous: false }), hugeBytes);
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
