import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** nginx as one worker that serves a folder, tuned for it: sendfile, open file cache, no access log. */
export async function startNginx(folder: string, port: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? "user root; " : ""}worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx-error.log;
events { worker_connections 16384; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=1000; default_type application/octet-stream;
  server { listen 127.0.0.1:${port}; root ${folder}; etag on; } }
`,
  );
  const child = Bun.spawn(["nginx", "-c", config], { stdout: "ignore", stderr: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    const isUp = await fetch(url)
      .then(() => true)
      .catch(() => false);
    if (isUp) break;
    if (attempt === 100) throw new Error("nginx did not start");
    await Bun.sleep(50);
  }
  return {
    url,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}
