/** Bytes a process wrote: cut anywhere, in any encoding. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

export interface LogOptions {
  /** Goes on until the container ends. Some daemons then leave out the last lines: who needs all of them reads once more without. */
  readonly follow?: boolean;
  /** Only so many of the last lines. */
  readonly tail?: number;
  readonly signal?: AbortSignal;
}
