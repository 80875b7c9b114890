/**
 * `npm run demo:feeds`: one publish with a deb, a wheel, an npm package, a container image and a tarball; the tools of each ecosystem that this
 * machine has install from it, before and after one promotion and one rollback.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTar } from "../../fixtures/formats/make/tar-writer.ts";
import { isolatedApt } from "../../tests/real-clients/apt/isolated-apt.ts";
import { makeImage } from "../../tests/real-clients/images.ts";
import { makeDeb, makeNpm, makeWheel, NAME } from "../../tests/real-clients/packages.ts";

const repository = join(import.meta.dirname, "..", "..");
const bin = (name: string): string => join(repository, "node_modules", ".bin", name);
const folder = mkdtempSync(join(tmpdir(), "distd-feeds-"));
const token = randomBytes(24).toString("hex");
const step = (text: string): void => console.log(`\n── ${text}`);

const server = Bun.spawn([bin("distd"), "serve", "--data", join(folder, "data"), "--port", "0", "--log-level", "warn"], {
  env: { ...process.env, DISTD_ADMIN_TOKEN: token },
  stdout: "pipe",
  stderr: "inherit",
});

try {
  const url = await listening(server.stdout);
  step("CI publishes 1.0.0: one release of five packages, promoted to stable");
  console.log(dist(url, "ci", "publish", "--manifest", manifest("1.0.0", "stable")));
  step("what people type");
  console.log(dist(url, "feed", "list"));
  step("what they get");
  show(url);
  step("1.1.0 is published, and promoted once it is wanted");
  dist(url, "ci", "publish", "--manifest", manifest("1.1.0"));
  dist(url, "channel", "promote", NAME, "stable", "1.1.0");
  show(url);
  step("one rollback, and new installations get the version before, everywhere");
  dist(url, "channel", "rollback", NAME, "stable");
  show(url);
} finally {
  server.kill();
  await server.exited;
  rmSync(folder, { recursive: true, force: true });
}

function manifest(version: string, channel?: string): string {
  const place = join(folder, version);
  mkdirSync(place);
  const deb = makeDeb({ version });
  const files: Readonly<Record<string, Uint8Array>> = {
    [deb.file]: deb.bytes,
    [makeWheel({ version }).file]: makeWheel({ version }).bytes,
    [makeNpm({ version }).file]: makeNpm({ version }).bytes,
    [`${NAME}-${version}.oci`]: makeImage(version).archive,
    [`${NAME}_${version}_linux_amd64.tar`]: writeTar([{ path: NAME, data: deb.program, mode: 0o755 }]),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(place, name), bytes);
  const path = join(place, "dist.json");
  const artifacts = Object.keys(files).map((name) => ({ path: name }));
  writeFileSync(path, JSON.stringify({ app: NAME, access: "public", version, ...(channel !== undefined && { channel }), artifacts }));
  return path;
}

/** The version each tool finds. */
function show(url: string): void {
  const host = new URL(url).host;
  const home = mkdtempSync(join(folder, "home-"));
  const tools: readonly (readonly [tool: string, find: () => string])[] = [
    ["apt-get", () => aptVersion(url, home)],
    ["npm", () => run(["npm", "view", NAME, "version", "--registry", `${url}/npm/main/`], home)],
    ["python3", () => pipVersion(url, home)],
    ["skopeo", () => imageVersion(run(["skopeo", "inspect", "--tls-verify=false", `docker://${host}/${NAME}:stable`], home))],
    [
      "curl",
      () => /"tag_name":"([^"]+)"/.exec(run(["curl", "-sf", `${url}/api/v3/repos/main/${NAME}/releases/latest`], home))?.[1] ?? "nothing",
    ],
  ];
  for (const [tool, find] of tools) console.log(`  ${tool.padEnd(8)} ${Bun.which(tool) === null ? "is not on this machine" : find()}`);
}

function aptVersion(url: string, home: string): string {
  const command = isolatedApt(join(home, "apt"), run(["curl", "-sf", `${url}/apt/main/stable.sources`], home));
  const apt = (...args: readonly string[]): string => run([...command, ...args], home);
  apt("update");
  apt("download", NAME);
  return (
    readdirSync(home)
      .find((name) => name.endsWith(".deb"))
      ?.split("_")[1] ?? "nothing"
  );
}

function pipVersion(url: string, home: string): string {
  const into = join(home, "wheels");
  const index = `${url}/pypi/main/stable/simple/`;
  run(
    ["python3", "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--index-url", index, "--dest", into, NAME],
    home,
  );
  return readdirSync(into)[0]?.split("-")[1] ?? "nothing";
}

function imageVersion(inspected: string): string {
  const { Labels } = JSON.parse(inspected) as { Labels: Record<string, string> };
  return Labels["org.opencontainers.image.version"] ?? "nothing";
}

function dist(url: string, ...args: readonly string[]): string {
  return run([bin("dist"), ...args], folder, { DIST_SERVER: url, DIST_TOKEN: token });
}

function run(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): string {
  const ran = Bun.spawnSync([...command], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  if (ran.exitCode !== 0) throw new Error(`${command.join(" ")}\n${ran.stdout.toString()}${ran.stderr.toString()}`);
  return ran.stdout.toString().trim();
}

async function listening(stream: ReadableStream<Uint8Array>): Promise<string> {
  const { value } = await stream.getReader().read();
  const found = /^distd listening on (\S+)/.exec(new TextDecoder().decode(value))?.[1];
  if (found === undefined) throw new Error("distd did not start");
  return found;
}
