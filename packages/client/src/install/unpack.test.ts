import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DistError } from "@distd/core";
import fc from "fast-check";
import { type Entry, writeZip } from "../../../../fixtures/formats/make/zip-writer.ts";
import { withVerified } from "./open-verified.ts";
import { safeParts, staysInside } from "./safe-path.ts";
import { unpack } from "./unpack.ts";

const FORMATS = join(import.meta.dirname, "../../../../fixtures/formats");
const HOSTILE = (["tarball", "zip"] as const).flatMap((format) =>
  readdirSync(join(FORMATS, format, "hostile")).map((name) => ({ format, name, path: join(FORMATS, format, "hostile", name) })),
);

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "distd-unpack-"));
});
after(() => rmSync(folder, { recursive: true }));

const digestOf = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
let count = 0;
async function unpackInto(path: string, format: string): Promise<string> {
  const root = join(folder, `outer-${(count += 1)}`, "inner");
  mkdirSync(root, { recursive: true });
  await withVerified(path, digestOf(path), (file) => unpack(file, format, root));
  return root;
}
function zipOf(entries: readonly Entry[]): string {
  const path = join(folder, `${(count += 1)}.zip`);
  writeFileSync(path, writeZip(entries));
  return path;
}
/** As GNU tar writes it. */
function tarOf(flags: readonly string[], make: (root: string) => void): string {
  const root = join(folder, `tree-${(count += 1)}`);
  mkdirSync(root);
  make(root);
  const path = join(folder, `${count}.tar`);
  const ran = spawnSync("tar", ["-C", root, ...flags, "-cf", path, "."]);
  assert.equal(ran.status, 0, String(ran.stderr));
  return path;
}

describe("unpacking", () => {
  const tree = (root: string): void => {
    mkdirSync(join(root, "bin"));
    writeFileSync(join(root, "bin/notes"), "#!/bin/sh\necho notes\n", { mode: 0o755 });
    writeFileSync(join(root, "README"), "Read me.", { mode: 0o600 });
    writeFileSync(join(root, `${"long-".repeat(40)}name`), "long");
    symlinkSync("bin/notes", join(root, "run"));
  };
  for (const [compression, flags] of Object.entries({ none: [], gzip: ["-z"], xz: ["-J"], zstd: ["--zstd"] }))
    it(`keeps names, contents, what is executable, and links: ${compression}`, async () => {
      const root = await unpackInto(tarOf(flags, tree), "tarball");
      assert.equal(readFileSync(join(root, "bin/notes"), "utf8"), "#!/bin/sh\necho notes\n");
      assert.deepEqual([statSync(join(root, "bin/notes")).mode & 0o777, statSync(join(root, "README")).mode & 0o777], [0o755, 0o644]);
      assert.equal(readlinkSync(join(root, "run")), "bin/notes");
      assert.equal(readFileSync(join(root, `${"long-".repeat(40)}name`), "utf8"), "long");
    });

  it("does the same for zip, as Info-ZIP writes it", {
    skip: spawnSync("zip", ["-v"]).status !== 0 && !process.env["CI"] ? "no zip here" : false,
  }, async () => {
    const root = join(folder, `tree-${(count += 1)}`);
    mkdirSync(root);
    tree(root);
    const path = join(folder, "tree.zip");
    assert.equal(spawnSync("zip", ["-qry", path, "."], { cwd: root }).status, 0);
    const out = await unpackInto(path, "zip");
    assert.equal(readFileSync(join(out, "bin/notes"), "utf8"), "#!/bin/sh\necho notes\n");
    assert.deepEqual([statSync(join(out, "bin/notes")).mode & 0o777, statSync(join(out, "README")).mode & 0o777], [0o755, 0o644]);
    assert.equal(readlinkSync(join(out, "run")), "bin/notes");
  });

  it("says that bzip2 is not unpacked", async () => {
    const path = tarOf(["-j"], tree);
    await assert.rejects(unpackInto(path, "tarball"), (error) => error instanceof DistError && error.code === "install/by-hand");
  });

  for (const { format, name, path } of HOSTILE)
    it(`writes nothing outside, and nothing that is two things: ${format}/${name}`, async () => {
      const next = count + 1;
      await unpackInto(path, format).catch((error: unknown) =>
        assert.ok(error instanceof DistError && ["artifact/broken", "install/by-hand"].includes(error.code), String(error)),
      );
      assert.deepEqual(readdirSync(join(folder, `outer-${next}`)), ["inner"]);
      assert.ok(!existsSync("/tmp/escaped") && !existsSync(join(folder, "escaped")));
    });

  for (const [name, target] of Object.entries({ absolute: "/etc/passwd", above: "../../outside", "above, hidden": "a/../../../x" }))
    it(`refuses a link that leaves the folder: ${name}`, async () => {
      const path = tarOf([], (root) => symlinkSync(target, join(root, "link")));
      await assert.rejects(unpackInto(path, "tarball"), /a link that leaves its folder/);
    });

  it("writes no file through a link of the same archive", async () => {
    const first = tarOf([], (root) => symlinkSync(".", join(root, "here")));
    const second = tarOf([], (root) => {
      mkdirSync(join(root, "here"));
      writeFileSync(join(root, "here/file"), "through");
    });
    // The blocks of zeros that end the first are taken off.
    const both = join(folder, "both.tar");
    writeFileSync(both, Buffer.concat([readFileSync(first).subarray(0, 1024), readFileSync(second)]));
    await assert.rejects(unpackInto(both, "tarball"));
  });
});

describe("a verified file", () => {
  it("is refused when it was changed since", async () => {
    const path = zipOf([{ name: "a", data: Buffer.from("a") }]);
    const digest = digestOf(path);
    writeFileSync(path, "changed");
    await assert.rejects(
      withVerified(path, digest, async () => assert.fail("it was read")),
      (error) => error instanceof DistError && error.code === "blob/digest-mismatch",
    );
  });

  it("is read through the descriptor that was verified, whatever the name leads to then", async () => {
    const path = join(folder, "swapped");
    writeFileSync(path, "what was verified");
    await withVerified(path, digestOf(path), async (file) => {
      rmSync(path);
      writeFileSync(path, "something other");
      assert.equal(Buffer.from(await file.read(0, file.bytes)).toString(), "what was verified");
    });
  });
});

describe("paths in archives", () => {
  it("never lead out of the folder", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "..", ".", "", "b c", "…"), { maxLength: 8 }), (parts) => {
        const path = parts.join("/");
        try {
          const safe = safeParts(path);
          assert.ok(!safe.includes("..") && !path.startsWith("/"));
        } catch (error) {
          assert.ok(error instanceof DistError && (parts.includes("..") || path.startsWith("/")), path);
        }
      }),
    ));

  it("of links stay inside exactly when walking them does", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b"), { maxLength: 3 }),
        fc.array(fc.constantFrom("a", "..", "."), { minLength: 1, maxLength: 6 }),
        (from, parts) => {
          let depth = from.length;
          let left = false;
          for (const part of parts) {
            depth += part === ".." ? -1 : part === "." ? 0 : 1;
            left ||= depth < 0;
          }
          assert.equal(staysInside(from, parts.join("/")), !left);
        },
      ),
    ));

  for (const bad of ["/a", "C:/a", "a\\b", "a\0b", "a/../b", "..", "a\nb"])
    it(`are refused: ${JSON.stringify(bad)}`, () => assert.throws(() => safeParts(bad)));
});
