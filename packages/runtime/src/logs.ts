/** Bytes a process wrote: cut anywhere, in any encoding. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

export interface LogOptions {
  /** Goes on until the container ends. */
  readonly follow?: boolean;
  /** Only so many of the last lines. */
  readonly tail?: number;
  readonly signal?: AbortSignal;
}
