import { createServer } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "@distd/runtime/conformance";
import { digestOf, makeImage } from "../real-clients/images.ts";

export type Registries = World["registries"] & { stop(): Promise<void> };

const CREDENTIALS = { username: "reader", password: "correct horse" };
const AUTHORIZATION = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64")}`;

/** Debian's docker-registry twice, without and with passwords, and the same image in both; and a port where nobody is. */
export async function startRegistries(): Promise<Registries> {
  const folder = mkdtempSync(join(tmpdir(), "distd-registries-"));
  const open = await startRegistry(join(folder, "open"), "");
  const htpasswd = join(folder, "htpasswd");
  writeFileSync(htpasswd, `${CREDENTIALS.username}:${await Bun.password.hash(CREDENTIALS.password, { algorithm: "bcrypt", cost: 4 })}\n`);
  const closed = await startRegistry(join(folder, "closed"), `auth: {htpasswd: {realm: closed, path: ${htpasswd}}}\n`);
  for (const { host } of [open, closed]) for (const tag of ["1", "2", "3"]) await push(host, tag);
  return {
    open: open.host,
    closed: closed.host,
    down: `127.0.0.1:${await freePort()}`,
    credentials: CREDENTIALS,
    async stop() {
      await Promise.all([open.stop(), closed.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

async function startRegistry(path: string, more: string): Promise<{ readonly host: string; stop(): Promise<void> }> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = `${path}.yml`;
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${path}}}\nhttp: {addr: "${host}"}\n${more}`,
  );
  const child = Bun.spawn(["docker-registry", "serve", config], { stdout: "ignore", stderr: "ignore" });
  while (!(await answers(host))) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    await Bun.sleep(50);
  }
  return {
    host,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

const answers = (host: string): Promise<boolean> =>
  fetch(`http://${host}/v2/`).then(
    ({ status }) => status < 500,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function push(host: string, tag: string): Promise<void> {
  const { layer, config, manifest } = makeImage("1.0.0");
  const send = async (method: string, url: string, body?: Buffer, type = "application/octet-stream"): Promise<Response> => {
    const response = await fetch(url, { method, headers: { authorization: AUTHORIZATION, "content-type": type }, ...(body && { body }) });
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return response;
  };
  for (const blob of [layer, config]) {
    const begun = await send("POST", `http://${host}/v2/image/blobs/uploads/`);
    await send("PUT", `${begun.headers.get("location")}&digest=${digestOf(blob)}`, blob);
  }
  await send("PUT", `http://${host}/v2/image/manifests/${tag}`, manifest, "application/vnd.oci.image.manifest.v1+json");
}
