import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dist, inFolder } from "../support/dist.ts";
import { DIST, DISTD, startServer } from "../support/server.ts";

/** Files that Bun would run or load from the current folder. Each leaves a mark when it does. */
function hostileFolder(): { folder: string; mark: string } {
  const folder = mkdtempSync(join(tmpdir(), "dist-hostile-"));
  const mark = join(folder, "mark");
  const touch = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "ran");`;
  writeFileSync(join(folder, "preload.js"), touch);
  writeFileSync(join(folder, "bunfig.toml"), `preload = ["./preload.js"]\n[run]\nbun = true\n`);
  for (const name of [".env", ".env.local", ".env.production", ".env.development"]) {
    writeFileSync(
      join(folder, name),
      "DIST_SERVER=http://evil.example\nDISTD_ADMIN_TOKEN=evil-evil-evil-evil-evil-evil-evil-evil\nDISTD_LOG_LEVEL=error\n",
    );
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { paths: { "@distd/*": ["./preload.js"] } } }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "hostile", type: "commonjs", imports: { "#x": "./preload.js" } }));
  mkdirSync(join(folder, "node_modules", "zod"), { recursive: true });
  writeFileSync(join(folder, "node_modules", "zod", "index.js"), touch);
  return { folder, mark };
}

describe("launchers", () => {
  it("work from any folder, also through a further symlink", () =>
    inFolder({}, async (folder) => {
      const link = join(folder, "my-dist");
      symlinkSync(DIST, link);
      const ran = Bun.spawnSync([link, "--version"], { cwd: folder });
      assert.match(ran.stdout.toString(), /^dist \d+\.\d+\.\d+\n$/);
      assert.match(Bun.spawnSync([DISTD, "version"], { cwd: "/" }).stdout.toString(), /^distd \d/);
    }));

  it("are one process: the id the caller knows is the server's", async () => {
    const server = await startServer();
    const command = readFileSync(`/proc/${server.pid}/cmdline`, "utf8");
    assert.ok(command.includes("main.ts"), command);
    assert.equal(await server.stop("SIGTERM"), 0);
  });

  it("pass signals and exit codes through", async () => {
    const server = await startServer();
    assert.equal(await server.stop("SIGINT"), 0);
    assert.equal((await dist(["explain", "no/such"])).code, 10);
  });

  it("run nothing and load nothing from the current folder", async () => {
    const { folder, mark } = hostileFolder();
    try {
      const ran = await dist(["app", "list"], { cwd: folder, token: "" });
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /there is no server/);
      const server = await startServer({ cwd: folder, env: { BUN_OPTIONS: `--preload ${join(folder, "preload.js")}` } });
      const evil = await fetch(`${server.url}/api/v1/tokens`, {
        headers: { authorization: "Bearer evil-evil-evil-evil-evil-evil-evil-evil" },
      });
      assert.equal(evil.status, 401);
      await server.stop();
      assert.equal(existsSync(mark), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("leave a data folder behind that only its owner and group can read, and a key only its owner can", async () => {
    const data = mkdtempSync(join(tmpdir(), "distd-modes-"));
    const server = await startServer({ data });
    await server.stop();
    const mode = (path: string): string =>
      Bun.spawnSync(["stat", "-c", "%a", join(data, path)])
        .stdout.toString()
        .trim();
    assert.deepEqual([mode("keys"), mode("keys/instance.pem"), mode("blobs")], ["700", "600", "750"]);
    rmSync(data, { recursive: true });
  });
});
