import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { createBudget } from "../budget.ts";
import { findInImage, type ImageFiles } from "../image-files.ts";
import { openSquashfs } from "./open-squashfs.ts";

const skip = spawnSync("mksquashfs", ["-version"]).error === undefined ? false : "mksquashfs is not installed";
/** More than one block and an end that goes into a fragment. */
const large = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7919).toString(36)).join(" "));

function makeImage(compressor: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "squashfs-"));
  try {
    const root = join(folder, "root");
    mkdirSync(join(root, "usr/share"), { recursive: true });
    for (let index = 0; index < 600; index += 1) writeFileSync(join(root, "usr/share", `file-${index}`), `content ${index}`);
    writeFileSync(join(root, "large"), large);
    symlinkSync("usr/share/file-599", join(root, "link"));
    symlinkSync("/usr/../link", join(root, "second"));
    symlinkSync("loop", join(root, "loop"));
    const image = join(folder, "image");
    const { status, stderr } = spawnSync("mksquashfs", [root, image, "-comp", compressor, "-noappend", "-quiet", "-b", "131072"]);
    assert.equal(status, 0, String(stderr));
    return new Uint8Array(readFileSync(image));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function read(image: ImageFiles, path: string): Promise<string> {
  const node = await findInImage(image, path);
  assert.ok(node?.kind === "file", path);
  return Buffer.from(await node.read()).toString();
}

describe("squashfs", { skip }, () => {
  for (const compressor of ["gzip", "xz", "zstd", "lz4"]) {
    it(`reads what mksquashfs makes with ${compressor}`, async () => {
      const opened = await openSquashfs(memorySource(makeImage(compressor)), createBudget(64 * 1024 * 1024));
      assert.ok(typeof opened !== "string");
      const image = opened as ImageFiles;
      assert.equal(await read(image, "large"), large.toString());
      assert.equal(await read(image, "usr/share/file-123"), "content 123");
      assert.equal(await read(image, "second"), "content 599");
      assert.equal(await findInImage(image, "loop"), undefined);
      assert.equal(await findInImage(image, "usr/nothing"), undefined);
    });
  }

  it("says which compressor it does not read", async () => {
    assert.equal(await openSquashfs(memorySource(makeImage("lzo")), createBudget(64 * 1024 * 1024)), "lzo");
  });
});
