/** A private PostgreSQL for one test run: own folder, own port, loopback only. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const INSTALLED = "/usr/lib/postgresql";

export interface PrivatePostgres {
  readonly url: string;
  stop(): void;
}

/** Starts one when PostgreSQL is installed; undefined when it is not. */
export function startPostgres(): PrivatePostgres | undefined {
  const version = existsSync(INSTALLED) ? readdirSync(INSTALLED).toSorted().at(-1) : undefined;
  if (version === undefined) return undefined;
  const bin = join(INSTALLED, version, "bin");
  // PostgreSQL refuses to run as root; its package made a user for it.
  const asOwner = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  const folder = mkdtempSync("/tmp/distd-postgres-");
  if (asOwner.length > 0) run(["chown", "postgres", folder]);
  const data = join(folder, "data");
  run([...asOwner, join(bin, "initdb"), "-D", data, "-U", "distd", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
  const port = freePort();
  const settings = `-p ${port} -h 127.0.0.1 -k ${folder} -c max_connections=200`;
  run([...asOwner, join(bin, "pg_ctl"), "-D", data, "-l", join(folder, "log"), "-w", "-o", settings, "start"]);
  return {
    url: `postgres://distd@127.0.0.1:${port}/postgres`,
    stop() {
      run([...asOwner, join(bin, "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  probe.stop(true);
  return probe.port;
}

function run(command: readonly string[]): void {
  const done = Bun.spawnSync([...command], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  if (done.exitCode !== 0) throw new Error(`${command.join(" ")}: ${done.stdout.toString()}${done.stderr.toString()}`);
}
