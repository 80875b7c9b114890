/** The run is over, or this part of it: whoever waits or asks gives up. */
export class Stopped extends Error {}

/** Where the server is just now. Clients wait here while it is down. */
export interface Door {
  /** Resolves with the address as soon as there is one; throws `Stopped` once the part is over. */
  address(): Promise<string>;
  /** Ends with the server's life, a little later: answers that are on their way still count. */
  readonly signal: AbortSignal;
  /** From the moment the disk is cut until the next opening: refusals prove nothing then. */
  readonly broken: boolean;
  readonly stopped: boolean;
  /** Whether anybody ever had an answer. */
  everAnswered: boolean;
  /** Requests without an answer yet. */
  underWay: number;
  open(url: string): void;
  breakDisk(): void;
  close(): void;
  stop(): void;
}

/** How long answers may still arrive after the server died. */
const LATE_MS = 300;

export function createDoor(): Door {
  let url: string | undefined;
  let life = new AbortController();
  let broken = false;
  let stopped = false;
  let waiting = Promise.withResolvers<void>();
  return {
    async address() {
      while (url === undefined && !stopped) await waiting.promise;
      if (stopped) throw new Stopped("the part is over");
      return url as string;
    },
    get signal() {
      return life.signal;
    },
    get broken() {
      return broken;
    },
    get stopped() {
      return stopped;
    },
    everAnswered: false,
    underWay: 0,
    open(address) {
      url = address;
      broken = false;
      life = new AbortController();
      waiting.resolve();
    },
    breakDisk() {
      broken = true;
    },
    close() {
      if (url === undefined) return;
      url = undefined;
      waiting = Promise.withResolvers<void>();
      const ending = life;
      setTimeout(() => ending.abort(), LATE_MS).unref();
    },
    stop() {
      stopped = true;
      life.abort();
      waiting.resolve();
    },
  };
}
