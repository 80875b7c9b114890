/** Stands between a client and distd, on this machine. Changes one byte of the answers it is told to spoil. */
export interface Proxy {
  readonly url: string;
  /** Where requests go; set once distd listens. */
  target: string;
  /** Which byte of an answer loses a bit, by decoded path; undefined for answers that stay as they are. */
  spoils: (path: string, bytes: Buffer) => number | undefined;
  /** How many answers it has changed. */
  readonly spoilt: number;
  stop(): Promise<void>;
}

/** Headers of one connection, and what no longer fits once bytes were decoded. */
const NOT_PASSED_ON = ["connection", "keep-alive", "transfer-encoding", "content-encoding", "date"];

export function startProxy(): Proxy {
  let spoilt = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.delete("host");
      headers.set("accept-encoding", "identity");
      const body = request.body === null ? null : await request.arrayBuffer();
      const answer = await fetch(proxy.target + pathname + search, { method: request.method, headers, body, redirect: "manual" });
      const passed = new Headers(answer.headers);
      for (const name of NOT_PASSED_ON) passed.delete(name);
      if (request.method === "HEAD" || answer.status === 304) return new Response(null, { status: answer.status, headers: passed });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const offset = answer.ok ? proxy.spoils(decodeURIComponent(pathname), bytes) : undefined;
      if (offset !== undefined && offset < bytes.length) {
        bytes[offset] = (bytes[offset] ?? 0) ^ 1;
        spoilt += 1;
      }
      return new Response(bytes, { status: answer.status, headers: passed });
    },
  });
  const proxy: Proxy = {
    url: `http://127.0.0.1:${server.port}`,
    target: "",
    spoils: () => undefined,
    get spoilt() {
      return spoilt;
    },
    stop: () => server.stop(true),
  };
  return proxy;
}
