import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PATIENCE_MS = 5_000;
export const NGINX = Bun.which("nginx") ?? Bun.which("nginx", { PATH: "/usr/sbin" });

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

/** nginx with the two files that an export writes, and nothing else. */
export async function startNginx(folder: string, exported: string): Promise<Nginx> {
  const port = freePort();
  const config = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder};`).join(" ");
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { }
http { access_log off; ${temporary}
  include ${exported}/nginx/http.conf;
  server { listen 127.0.0.1:${port}; include ${exported}/nginx/server.conf; } }
`,
  );
  const child = Bun.spawn([NGINX ?? "nginx", "-c", config, "-p", folder], { stdout: "ignore", stderr: "pipe" });
  const url = `http://127.0.0.1:${port}`;
  for (const end = performance.now() + PATIENCE_MS; ; await Bun.sleep(20)) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    if (child.exitCode !== null || performance.now() > end) {
      child.kill();
      throw new Error(`nginx did not start: ${await new Response(child.stderr).text()}${existsSync(config) ? "" : " (no configuration)"}`);
    }
  }
  return {
    url,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

function freePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}
