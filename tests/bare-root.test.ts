import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { ADMIN_TOKEN } from "./support/server.ts";

/**
 * The single-file binaries in a root folder that holds them, the libraries docs/binaries.md names, /proc and /tmp, and nothing else. Needs root
 * for chroot and mount.
 */
const repository = join(import.meta.dirname, "..");
const isPossible = process.getuid?.() === 0 && process.arch === "x64" && existsSync("/lib64/ld-linux-x86-64.so.2");
if (!isPossible) {
  if (process.env["CI"] === "true")
    throw new Error("the binaries cannot be tried in a bare root here: it needs root on x64 Linux with glibc");
  console.warn("skipped: binaries in a bare root: needs root on x64 Linux with glibc");
}

const LIBRARIES = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"].map((name) => `/lib/x86_64-linux-gnu/${name}`);

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "distd-root-"));
  for (const library of [...LIBRARIES, "/lib64/ld-linux-x86-64.so.2"]) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  for (const folder of ["tmp", "data", "proc"]) mkdirSync(join(root, folder));
  for (const name of ["dist", "distd"]) copyFileSync(join(repository, "build", "bin", `${name}-linux-x64`), join(root, name));
  // The root is the current folder inside: these are what a hostile one would hold.
  writeFileSync(join(root, "bunfig.toml"), 'preload = ["./evil.js"]\n');
  writeFileSync(join(root, "evil.js"), 'require("node:fs").writeFileSync("/mark", "ran");\n');
  writeFileSync(join(root, ".env"), "DISTD_LOG_LEVEL=nonsense\nDIST_SERVER=http://evil.example\n");
  writeFileSync(
    join(root, "dist.json"),
    JSON.stringify({ app: "bare", version: "1.0.0", channel: "beta", artifacts: [{ path: "file.bin" }] }),
  );
  writeFileSync(join(root, "file.bin"), "bytes");
  return root;
}

describe("the glibc binaries in a bare root", { skip: !isPossible }, () => {
  before(() => {
    const built = Bun.spawnSync(["sh", "scripts/bun.sh", "scripts/build-bin.ts", "linux-x64"], { cwd: repository });
    assert.equal(built.exitCode, 0, built.stderr.toString());
  });

  it("serve, publish and check with only the libraries documented, and run nothing of the folder they stand in", async () => {
    const root = makeRoot();
    Bun.spawnSync(["mount", "-t", "proc", "proc", join(root, "proc")]);
    const inside = (...command: string[]): string[] => ["/usr/sbin/chroot", root, "/dist", ...command];
    const env = { DISTD_ADMIN_TOKEN: ADMIN_TOKEN, DIST_TOKEN: ADMIN_TOKEN, HOME: "/tmp" };
    const server = Bun.spawn(["/usr/sbin/chroot", root, "/distd", "serve", "--data", "/data", "--port", "0"], {
      env,
      stdout: "pipe",
      stderr: "pipe",
    });
    try {
      const reader = server.stdout.getReader();
      const line = new TextDecoder().decode((await reader.read()).value);
      const url = /^distd listening on (\S+)/.exec(line)?.[1] ?? "";
      assert.notEqual(url, "", await Promise.race([new Response(server.stderr).text(), Bun.sleep(200).then(() => "no line")]));
      const published = Bun.spawnSync(inside("ci", "publish", "--manifest", "/dist.json", "--server", url, "--json"), { env });
      assert.equal(published.exitCode, 0, published.stderr.toString());
      const checked = Bun.spawnSync(["/usr/sbin/chroot", root, "/distd", "check", "--data", "/data", "--read-data"], { env });
      assert.equal(checked.exitCode, 0, checked.stdout.toString());
      assert.equal(existsSync(join(root, "mark")), false);
    } finally {
      server.kill();
      await server.exited;
      Bun.spawnSync(["umount", join(root, "proc")]);
      rmSync(root, { recursive: true });
    }
  });
});
