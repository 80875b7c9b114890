import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withServer } from "../support/server.ts";
import { type Home, inHome } from "./client.ts";

/** A distd behind TLS, for clients that speak nothing else. */
export interface TlsFront {
  /** Of distd itself, for `dist`. */
  readonly server: string;
  /** What clients call the host, with its port. */
  readonly host: string;
  readonly url: string;
  /** File with what signs for the host, in PEM. */
  readonly certificate: string;
  /** What clients asked for, in order. */
  readonly asked: { readonly path: string; readonly headers: Headers }[];
  /** Loses the connection of the next answer at such a path after so many bytes. */
  cut(path: RegExp, bytes: number): void;
}

const SENDING_MS = 100;
export const OPENSSL = Bun.which("openssl");

export async function behindTls(body: (front: TlsFront, home: Home) => Promise<void>): Promise<void> {
  await inHome(async (home) => {
    const [key, certificate] = [join(home.folder, "key.pem"), join(home.folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const form = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    await home.run([OPENSSL ?? "openssl", "req", "-x509", ...form, ...subject, "-keyout", key, "-out", certificate]);
    let target = "";
    let cut: { readonly path: RegExp; readonly bytes: number } | undefined;
    const asked: TlsFront["asked"] = [];
    const front = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { key: readFileSync(key), cert: readFileSync(certificate) },
      async fetch(request) {
        const { pathname, search } = new URL(request.url);
        const hasBody = request.method !== "GET" && request.method !== "HEAD";
        const { method, headers } = request;
        asked.push({ path: pathname, headers });
        const answer = await fetch(target + pathname + search, {
          method,
          headers,
          redirect: "manual",
          decompress: false,
          ...(hasBody && { body: await request.arrayBuffer() }),
        });
        const { status } = answer;
        if (!cut?.path.test(pathname)) return new Response(answer.body, { status, headers: answer.headers });
        const start = new Uint8Array(await answer.arrayBuffer()).subarray(0, cut.bytes);
        cut = undefined;
        return new Response(breaking(start), { status, headers: answer.headers });
      },
    });
    const host = `localhost:${front.port}`;
    const url = `https://${host}`;
    const run = async (server: string): Promise<void> => {
      target = server;
      await body({ server, host, url, certificate, asked, cut: (path, bytes) => (cut = { path, bytes }) }, home);
    };
    try {
      await withServer(({ url: server }) => run(server), { flags: ["--public-url", url] });
    } finally {
      await front.stop(true);
    }
  });
}

/** Bytes after which the connection is lost. */
function breaking(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!isSent) controller.enqueue(bytes);
      // Until they are on their way: with nothing sent, clients ask again by themselves.
      else await Bun.sleep(SENDING_MS).then(() => controller.error(new Error("the connection is lost")));
      isSent = true;
    },
  });
}
