// Agreement with GNU tar, in every way it writes archives.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { gzipStored, hostileTars, paxRecord, writeTar } from "../../../../fixtures/formats/make/tar-writer.ts";
import { isBroken } from "../broken.ts";
import { DEFAULT_LIMITS, type InspectLimits } from "../limits.ts";
import type { TarEntry } from "./read-tar.ts";
import { scanTar } from "./scan-tar.ts";

const LONG = `${"folder-with-a-name/".repeat(12)}灯-${"x".repeat(90)}.txt`;
const isGnuTar = spawnSync("tar", ["--version"], { encoding: "utf8" }).stdout?.includes("GNU tar") ?? false;

async function list(bytes: Uint8Array, limits: Partial<InspectLimits> = {}): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  await scanTar(memorySource(bytes), { ...DEFAULT_LIMITS, ...limits }, { want: () => 0, visit: (entry) => void entries.push(entry) });
  return entries;
}

function makeWithTar(format: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "tar-"));
  try {
    const long = format === "v7" || format === "ustar" ? "short/name.txt" : LONG;
    mkdirSync(join(folder, long, ".."), { recursive: true });
    writeFileSync(join(folder, long), "light");
    writeFileSync(join(folder, "program"), Buffer.alloc(1500));
    chmodSync(join(folder, "program"), 0o755);
    symlinkSync("program", join(folder, "symlink"));
    linkSync(join(folder, "program"), join(folder, "twin"));
    const { stdout, stderr, status } = spawnSync("tar", [`--format=${format}`, "--sort=name", "-c", "."], { cwd: folder });
    assert.equal(status, 0, String(stderr));
    return new Uint8Array(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("tar", () => {
  for (const format of ["v7", "oldgnu", "gnu", "ustar", "pax"]) {
    it(`reads what GNU tar writes as ${format}`, { skip: isGnuTar ? false : "GNU tar is not installed" }, async () => {
      const bytes = makeWithTar(format);
      const names = spawnSync("tar", ["-t", "--quoting-style=literal"], { input: bytes, encoding: "utf8" }).stdout.trimEnd().split("\n");
      const entries = await list(bytes);
      assert.deepEqual(
        entries.map(({ path }) => path),
        names.map((name) => name.replace(/^\.\/(?=.)/, "")),
      );
      const find = (path: string): TarEntry | undefined => entries.find((entry) => entry.path === path);
      assert.equal(find("program")?.bytes, 1500);
      assert.equal(find("program")?.mode, 0o755);
      assert.equal(find("symlink")?.target, "program");
      assert.equal(find("twin")?.type, "link");
      assert.equal(find("twin")?.target, "program");
    });
  }

  it("takes sizes from pax records and beyond octal digits", async () => {
    const pax = { path: "PaxHeader", type: "x", data: paxRecord("size", "5") };
    const size = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(10), Buffer.from([5])]);
    for (const tar of [
      writeTar([pax, { path: "a", data: "light", size: Buffer.from("00000000000\0") }, { path: "b" }]),
      writeTar([{ path: "a", data: "light", size }, { path: "b" }]),
    ])
      assert.deepEqual(
        (await list(tar)).map(({ path, bytes }) => [path, bytes]),
        [
          ["a", 5],
          ["b", 0],
        ],
      );
  });

  it("refuses what programs unpack differently, plain and compressed", async () => {
    for (const [name, bytes] of hostileTars({ path: "main" }, { path: "other", data: "other" })) {
      await assert.rejects(list(bytes), isBroken, name);
      await assert.rejects(list(gzipStored(bytes)), isBroken, name);
    }
  });

  it("refuses more entries than allowed, hidden ones included", async () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ path: `entry-${index}` }));
    await assert.rejects(list(writeTar(many), { maxEntries: 10 }), isBroken);
    assert.equal((await list(writeTar(many), { maxEntries: 11 })).length, 11);
    const records = Array.from({ length: 30 }, () => ({ path: "PaxHeader", type: "x", data: paxRecord("comment", "again") }));
    await assert.rejects(list(writeTar([...records, { path: "a" }]), { maxEntries: 10 }), isBroken);
  });
});
