import type { Readable, Writable } from "node:stream";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ExecSpec {
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  /** A terminal for the process, of this size or of none yet. This process needs none. */
  readonly tty?: TerminalSize | true;
  /**
   * Ends the process, and what it started in its process group, with TERM, and half a second later with KILL; `exit` rejects once it is gone. A backend that
   * needs a shell in the container for it refuses with `runtime/unsupported-option` where there is none.
   */
  readonly signal?: AbortSignal;
}

/** A process in a container. Its output MUST be read, or its streams destroyed: what nobody takes stops it. */
export interface ExecProcess {
  /** Ending it is end of file for the process, in a terminal by Ctrl-D; its output goes on. What is written after the process ended is dropped. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Empty with a terminal, which has one stream. */
  readonly stderr: Readable;
  /** Settles when the process has ended and its output was handed over. `runtime/exec-failed` when the command could not be started. */
  readonly exit: Promise<number | null>;
  /** `runtime/unsupported-option` without a terminal. After the end it does nothing. */
  resize(size: TerminalSize): Promise<void>;
}
