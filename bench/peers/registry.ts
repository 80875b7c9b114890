import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "../measurement.ts";

/** Debian's docker-registry with a folder as its store. */
export async function startRegistry(
  folder: string,
  port: number,
): Promise<{ readonly url: string; push(file: string, name: string): Promise<number>; stop(): Promise<void> }> {
  const config = join(folder, "registry.yml");
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${folder}/store}}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
  );
  const child = Bun.spawn(["docker-registry", "serve", config], { stdout: "ignore", stderr: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    const isUp = await fetch(`${url}/v2/`)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (isUp) break;
    if (attempt === 100) throw new Error("docker-registry did not start");
    await Bun.sleep(50);
  }
  // The work of a client: digest, then one upload.
  const script = `digest=$(sha256sum "$1" | cut -d' ' -f1)
location=$(curl -sf -X POST -D - -o /dev/null "$2/v2/$3/blobs/uploads/" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
curl -sf -o /dev/null -T "$1" -H 'content-type: application/octet-stream' "$location&digest=sha256:$digest"`;
  return {
    url,
    push: (file, name) => seconds(["sh", "-ec", script, "push", file, url, name]),
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}
