import { Readable } from "node:stream";

/** A stream that takes no more than its reader does. */
export interface OutputStream {
  readonly stream: Readable;
  /** Resolves when there is room for more; at once when nobody reads any longer. */
  put(bytes: Uint8Array): Promise<void>;
  /** Lets who puts go on: nothing more will be taken, or nothing more comes. */
  release(): void;
  end(): void;
}

export function createOutputStream(): OutputStream {
  let proceed = (): void => {};
  const stream = new Readable({
    read: () => proceed(),
    destroy(error, done) {
      proceed();
      done(error);
    },
  });
  // An error is told by `exit` too: a stream that nobody listens to must not end this process.
  stream.on("error", () => {});
  return {
    stream,
    async put(bytes) {
      if (stream.destroyed || bytes.length === 0 || stream.push(bytes)) return;
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
    },
    release: () => proceed(),
    end() {
      if (!stream.destroyed) stream.push(null);
    },
  };
}
