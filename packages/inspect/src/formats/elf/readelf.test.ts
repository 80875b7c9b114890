// Agreement with readelf on programs and libraries of the machine the test runs on.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspectArtifact } from "../../index.ts";
import { withFile } from "../../test-support/file-source.ts";

const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].filter(existsSync);
const PER_FOLDER = 12;
const skip = spawnSync("readelf", ["--version"]).status === 0 ? false : "readelf is not installed";

function readelf(path: string): { readonly [field: string]: unknown } {
  const { stdout } = spawnSync("readelf", ["--wide", "-h", "-l", "-d", "-n", "-V", "-S", path], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const all = (pattern: RegExp): readonly string[] => [...stdout.matchAll(pattern)].map((match) => match[1] as string);
  const glibc = all(/Name: GLIBC_(\d+\.\d+(?:\.\d+)?) /g).map((version) => version.split(".").map(Number));
  const rank = (version: readonly number[]): number => version.reduce((sum, part, index) => sum + part / 1000 ** index, 0);
  return {
    needed: all(/\(NEEDED\).*\[(.*)\]/g),
    soname: all(/\(SONAME\).*\[(.*)\]/g)[0],
    interpreter: all(/interpreter: (.*)\]/g)[0],
    buildId: all(/Build ID: ([0-9a-f]+)/g)[0],
    stripped: !/ \.symtab /.test(stdout),
    minGlibc: glibc
      .sort((a, b) => rank(a) - rank(b))
      .at(-1)
      ?.join("."),
  };
}

describe("elf: readelf", { skip }, () => {
  for (const folder of skip === false ? FOLDERS : []) {
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((item) => item.isFile())
      .map(({ name }) => name);
    const step = Math.max(1, Math.floor(names.length / PER_FOLDER));
    for (const name of names.filter((_, index) => index % step === 0)) {
      it(join(folder, name), async () => {
        const facts = await withFile(join(folder, name), (source) => inspectArtifact(source, name));
        if (facts.format !== "elf") return;
        const { needed, soname, interpreter, buildId, stripped, minGlibc } = facts.details;
        assert.deepEqual({ needed, soname, interpreter, buildId, stripped, minGlibc }, readelf(join(folder, name)));
      });
    }
  }
});
