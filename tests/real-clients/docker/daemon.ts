import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, makeHome } from "../client.ts";
import { withOwnFolders } from "./engine.ts";

/** dockerd in a home of its own. */
export interface Daemon {
  /** For DOCKER_HOST. */
  readonly address: string;
  stop(): Promise<void>;
  /** Kills what was started, without a word. */
  kill(): Promise<void>;
}

/** The machine's network stays as it is. */
const ALONE = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"];
const POLL_MS = 50;

/** `within` is put before its command. */
export async function startDaemon(within: readonly string[] = []): Promise<Daemon> {
  const home = makeHome();
  const address = `unix://${join(home.folder, "docker.sock")}`;
  const folders = ["--data-root", home.inside("data"), "--exec-root", home.inside("exec"), "--pidfile", join(home.folder, "docker.pid")];
  const command = [...within, "dockerd", "--host", address, ...folders, ...ALONE];
  const log = join(home.folder, "dockerd.log");
  const output = openSync(log, "w");
  const child = Bun.spawn([...withOwnFolders(home, ["/run", "/etc/docker"], command)], {
    cwd: home.folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: home.folder, TMPDIR: home.inside("tmp") },
    stdin: "ignore",
    stdout: output,
    stderr: output,
  });
  closeSync(output);
  const end = (signal: "SIGTERM" | "SIGKILL") => async (): Promise<void> => {
    child.kill(signal);
    await child.exited;
    home.remove();
  };
  const daemon: Daemon = { address, stop: end("SIGTERM"), kill: end("SIGKILL") };
  while (!(await answers(home, daemon))) {
    const said = readFileSync(log, "utf8");
    if (child.exitCode === null) await Bun.sleep(POLL_MS);
    else {
      home.remove();
      throw new Error(`dockerd did not start: ${said}`);
    }
  }
  return daemon;
}

function answers(home: Home, { address }: Daemon): Promise<boolean> {
  return home.run(["docker", "--host", address, "version"]).then(
    () => true,
    () => false,
  );
}
