import type { OutputChunk } from "../logs.ts";
import { createDemultiplexer } from "./demultiplexer.ts";
import type { EngineClient } from "./engine-client.ts";

/** What a container wrote: in frames, or as it is where it has a terminal. */
export async function* readChunks(
  bytes: AsyncIterable<Uint8Array>,
  head: Uint8Array,
  isFramed: boolean,
  client: EngineClient,
): AsyncGenerator<OutputChunk> {
  const demultiplexer = createDemultiplexer();
  const split = (part: Uint8Array): OutputChunk[] => (isFramed ? demultiplexer.push(part) : [{ stream: "stdout", bytes: part }]);
  try {
    if (head.length > 0) yield* split(head);
    for await (const part of bytes) yield* split(part);
    demultiplexer.end();
  } catch (error) {
    throw client.connectionError(error);
  }
}
