import type { LogOptions, OutputChunk } from "../logs.ts";
import type { EngineClient } from "./engine-client.ts";
import { readChunks } from "./read-chunks.ts";

const REFUSALS = { 404: "runtime/container-not-found" } as const;

export async function* readLogs(
  client: EngineClient,
  container: string,
  { follow = false, tail, signal }: LogOptions,
): AsyncGenerator<OutputChunk> {
  const path = `/containers/${encodeURIComponent(container)}`;
  const { Config } = await client.json<{ Config: { Tty: boolean } }>({ method: "GET", path: `${path}/json`, signal, refusals: REFUSALS });
  const query = { stdout: "1", stderr: "1", follow: follow ? "1" : "0", tail: tail === undefined ? "all" : String(tail) };
  const bytes = client.bytes({ method: "GET", path: `${path}/logs`, query, signal, refusals: REFUSALS });
  yield* readChunks(bytes, new Uint8Array(), !Config.Tty, client);
}
