import { type ByteSource, checkRange, DistError } from "@distd/core";

/** A file on a server that answers ranges, as a byte source: inspecting a large one costs a few reads. */
export async function openUrlSource(url: string, signal: AbortSignal): Promise<ByteSource> {
  const head = await get(url, { method: "HEAD", signal });
  const size = Number(head.headers.get("content-length") ?? Number.NaN);
  if (!Number.isSafeInteger(size) || head.headers.get("accept-ranges") !== "bytes") {
    throw new DistError("network/unreachable", `${new URL(url).host} does not answer ranges`, {
      hint: "download the file and inspect that",
    });
  }
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      if (length === 0) return new Uint8Array();
      const response = await get(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` }, signal });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status !== 206 || bytes.length !== length)
        throw new DistError("network/unreachable", `${new URL(url).host} answered ${bytes.length} bytes instead of ${length}`);
      return bytes;
    },
  };
}

async function get(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((cause: Error) => {
    throw new DistError("network/unreachable", `${new URL(url).host} does not answer: ${cause.message}`, { cause });
  });
  if (!response.ok)
    throw new DistError("network/unreachable", `${new URL(url).host} answered ${response.status}`, { hint: "check the address" });
  return response;
}
