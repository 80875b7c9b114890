import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dist, inFolder, SAMPLES, sampleManifest } from "./support/dist.ts";
import { startServer } from "./support/server.ts";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "storage.md"), "utf8");
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, command = ""]) => command.trim());

const hasSqlite = Bun.which("sqlite3") !== null;
if (!hasSqlite) console.warn("skipped: docs/storage.md: sqlite3 is not installed");
if (!hasSqlite && process.env["CI"] === "true") throw new Error("sqlite3 is not installed");

describe("docs/storage.md", () => {
  it("answers what is live on beta and which file it is, with sqlite3 and ls alone", { skip: !hasSqlite }, async () => {
    const data = mkdtempSync(join(tmpdir(), "distd-storage-"));
    const server = await startServer({ data });
    await inFolder({ "1": sampleManifest("1.4.0", { app: "notes" }), "2": sampleManifest("1.5.0", { app: "notes" }) }, async (folder) => {
      for (const manifest of ["1", "2"])
        assert.equal((await dist(["ci", "publish", "--manifest", manifest], { server: server.url, cwd: folder })).code, 0);
      await dist(["channel", "rollback", "notes", "beta"], { server: server.url });
    });
    const run = (command: string): string => {
      const ran = Bun.spawnSync(["sh", "-c", command], { env: { ...process.env, DATA: data } });
      assert.equal(ran.stderr.toString(), "");
      return ran.stdout.toString();
    };
    const [live = "", list = "", history = "", events = "", digests = ""] = commands.map(run);
    const rows = live
      .trim()
      .split("\n")
      .map((line) => line.split("|"));
    assert.deepEqual(
      rows.slice(0, 3).map((row) => row.slice(0, 4)),
      [
        ["target", "version", "build", "name"],
        ["android/any", "1.4.0", "412", "notes.apk"],
        ["ios/arm64", "1.4.0", "412", "Notes.ipa"],
      ],
    );
    const file = rows[1]?.[4] ?? "";
    assert.deepEqual(readFileSync(join(data, file)), readFileSync(join(SAMPLES, "1.4.0", "notes.apk")));
    assert.ok(list.includes(file));
    assert.deepEqual(
      history
        .trim()
        .split("\n")
        .map((line) => line.split("|").slice(0, 3).join(" ")),
      ["3 rollback 1.4.0", "2 promote 1.5.0", "1 promote 1.4.0"],
    );
    assert.match(events, /channel\.rollback\|notes/);
    assert.equal(digests, "");
    await server.stop();
    rmSync(data, { recursive: true });
  });
});
