// Output of containers without a terminal, as the Engine sends it (https://docs.docker.com/reference/api/engine/, "Stream format"): frames of an
// eight-byte header and a payload. Header: stream (1 stdout, 2 stderr, 3 the daemon's own error), three zero bytes, length (32 bits, big endian).
import { DistError } from "@distd/core";
import type { OutputChunk } from "../logs.ts";

const HEADER_BYTES = 8;
const STREAMS: Readonly<Record<number, OutputChunk["stream"]>> = { 1: "stdout", 2: "stderr" };
const DAEMON_ERROR = 3;

export interface Demultiplexer {
  /** What is known of the output after these bytes. A payload is handed on as it comes, never gathered. */
  push(bytes: Uint8Array): OutputChunk[];
  /** Throws when the bytes ended inside a frame. */
  end(): void;
}

export function createDemultiplexer(): Demultiplexer {
  const header = new Uint8Array(HEADER_BYTES);
  let headerBytes = 0;
  let payloadBytes = 0;
  let daemonError: string | undefined;

  const pushPart = (bytes: Uint8Array, chunks: OutputChunk[]): number => {
    if (payloadBytes === 0) {
      const part = bytes.subarray(0, HEADER_BYTES - headerBytes);
      header.set(part, headerBytes);
      headerBytes += part.length;
      if (headerBytes === HEADER_BYTES) {
        payloadBytes = new DataView(header.buffer).getUint32(4);
        headerBytes = 0;
      }
      return part.length;
    }
    const payload = bytes.subarray(0, payloadBytes);
    payloadBytes -= payload.length;
    const stream = STREAMS[header[0] ?? 0];
    if (stream !== undefined) chunks.push({ stream, bytes: payload });
    else if (header[0] === DAEMON_ERROR) daemonError = (daemonError ?? "") + Buffer.from(payload).toString();
    else throw new DistError("runtime/failed", `the daemon sent a frame of stream ${header[0]}: expected 1, 2 or 3`);
    return payload.length;
  };

  return {
    push(bytes) {
      const chunks: OutputChunk[] = [];
      for (let offset = 0; offset < bytes.length; ) offset += pushPart(bytes.subarray(offset), chunks);
      return chunks;
    },
    end() {
      if (daemonError !== undefined) throw new DistError("runtime/failed", daemonError.trim());
      if (headerBytes + payloadBytes > 0) throw new DistError("runtime/failed", "the daemon's output ended inside a frame");
    },
  };
}
