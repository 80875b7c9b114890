/** A connection over which nothing comes for so long is given up. */
const SILENCE_MS = 60_000;

export interface SilenceWatch {
  /** Aborted by the outer signal, or when nothing was heard for too long. */
  readonly signal: AbortSignal;
  heard(): void;
  stop(): void;
}

export function watchSilence(outer: AbortSignal): SilenceWatch {
  const silence = new AbortController();
  const start = () => setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  let timer = start();
  return {
    signal: AbortSignal.any([outer, silence.signal]),
    heard() {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}
