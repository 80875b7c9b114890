import { DistError } from "@distd/core";

const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** JSON values as they come, one to a line: how the Engine tells progress. A line that is none, or is longer than 8 MiB, is `runtime/failed`. */
export async function* readJsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const take = (end: Uint8Array): unknown => {
    const text = Buffer.concat([...pending, end])
      .toString()
      .trim();
    pending = [];
    pendingBytes = 0;
    return text === "" ? undefined : parse(text);
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      const value = take(chunk.subarray(start, end));
      if (value !== undefined) yield value;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > MAX_LINE_BYTES) throw new DistError("runtime/failed", `the daemon sent a line of more than ${MAX_LINE_BYTES} bytes`);
  }
  const last = take(new Uint8Array());
  if (last !== undefined) yield last;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DistError("runtime/failed", `the daemon sent what is no JSON: ${text.slice(0, 80)}`, { cause });
  }
}
