import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { caller, publishFiles, uploadHeaders } from "./support/api.ts";
import { withServer } from "./support/server.ts";

const folder = mkdtempSync(join(tmpdir(), "distd-small-disk-"));
const isMounted =
  Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", folder], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
if (!isMounted && process.env["CI"] === "true") throw new Error("a small disk cannot be mounted here");
if (!isMounted) console.warn("skipped: a full disk: mounting needs root");

describe("a full disk", { skip: !isMounted }, () => {
  it("refuses uploads with 507, serves and cleans on, and takes uploads again when there is room", async () => {
    try {
      await withServer(
        async (server) => {
          const call = caller(server.url);
          await call("POST", "/api/v1/apps", { slug: "notes", name: "Notes", access: "public" });
          const { url, release } = await publishFiles(call, "notes", "1.0.0", { "a.bin": "a".repeat(100_000) });
          const token = (await (await call("POST", "/api/v1/tokens", { scopes: ["read"], expiresInSeconds: 60 })).json()) as {
            id: string;
            secret: string;
          };

          const filler = join(folder, "filler");
          for (let size = 64 << 20; size > 1024; size >>= 1) {
            const piece = Buffer.alloc(size);
            try {
              for (;;) writeFileSync(filler, piece, { flag: "a" });
            } catch {
              // The next, smaller piece fills what is left.
            }
          }

          const refused = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("no room"));
          assert.equal(refused.status, 507);
          assert.ok(Number(refused.headers.get("retry-after")) > 0);
          assert.equal((await fetch(url)).status, 200);
          assert.equal((await fetch(`${server.url}/a/notes/beta.json`)).status, 404);
          assert.equal((await caller(server.url, token.secret)("GET", "/api/v1/apps/notes")).status, 200);
          // A write larger than the free pages of the log: needs the reserve.
          for (let round = 0; round < 60; round++) {
            assert.equal(
              (await call("POST", "/api/v1/tokens", { scopes: ["read"], expiresInSeconds: 60, name: "x".repeat(90) })).status,
              201,
            );
          }
          assert.equal((await call("DELETE", `/api/v1/tokens/${token.id}`)).status, 200);
          assert.equal((await call("POST", `/api/v1/apps/notes/releases/${release.id}/withdraw`, { status: "yanked" })).status, 200);

          rmSync(filler);
          await publishFiles(call, "notes", "2.0.0", { "b.bin": "b".repeat(100_000) });
        },
        { data: folder },
      );
    } finally {
      Bun.spawnSync(["umount", "-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
