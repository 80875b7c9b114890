// What every format owes: each test runs over the registry, so a new format is held to it by being listed.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DistError, memorySource } from "@distd/core";
import { makeFixtures, renderManifest } from "../../../fixtures/formats/make.ts";
import { DEFAULT_LIMITS, findFormat, FORMATS, inspectArtifact } from "./index.ts";
import { FIXTURE_KINDS, FIXTURES, goldenPath, listFixtures, orphanGoldens, readFixture, REPOSITORY } from "./test-support/fixtures.ts";
import { hugeOf } from "./test-support/huge-file.ts";
import { watch } from "./test-support/watching-source.ts";

const GIB = 1024 ** 3;

async function isRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (thrown) {
    assert.ok(thrown instanceof DistError, `threw ${String(thrown)}`);
    assert.equal(thrown.code, "artifact/broken", thrown.message);
    return true;
  }
}

describe("registry", () => {
  const ids = FORMATS.map((format) => format.id).sort();
  const folders = (path: string): readonly string[] =>
    readdirSync(path, { withFileTypes: true })
      .filter((item) => item.isDirectory())
      .map((item) => item.name)
      .sort();

  it("has a folder for every format and a format for every folder", () => {
    assert.deepEqual(folders(join(import.meta.dirname, "formats")), ids);
  });

  it("has fixtures for every format and no others", () => {
    assert.deepEqual(
      folders(FIXTURES).filter((name) => name !== "make"),
      ids,
    );
  });

  it("has a page for every format and a format for every page", () => {
    const pages = readdirSync(join(REPOSITORY, "docs/formats")).filter((name) => name !== "README.md");
    assert.deepEqual(
      pages.sort(),
      ids.map((id) => `${id}.md`),
    );
  });

  it("has fixtures that are what their script makes", async () => {
    for (const [path, bytes] of await makeFixtures()) {
      assert.ok(existsSync(join(FIXTURES, path)), `${path} is missing: run fixtures/formats/make.ts`);
      assert.ok(bytes.equals(readFileSync(join(FIXTURES, path))), `${path} is not what fixtures/formats/make.ts makes`);
    }
  });
});

for (const format of FORMATS) {
  describe(format.id, () => {
    const ok = listFixtures(format.id, "ok");
    const usual = format.extensions[0];

    it("has fixtures of every kind, each in the manifest", () => {
      for (const kind of usual === undefined ? ["ok" as const] : FIXTURE_KINDS)
        assert.notEqual(listFixtures(format.id, kind).length, 0, kind);
      assert.equal(
        readFileSync(join(FIXTURES, format.id, "MANIFEST.tsv"), "utf8"),
        renderManifest(format.id),
        "run fixtures/formats/make.ts",
      );
    });

    it("has no golden file without its fixture", () => {
      assert.deepEqual(orphanGoldens(format.id), []);
    });

    for (const fixture of ok) {
      it(`reads ${fixture.name} as its golden file says, twice`, async () => {
        const source = watch(memorySource(readFixture(fixture)));
        assert.equal((await findFormat(source, fixture.name)).id, format.id);
        const facts = await inspectArtifact(source, fixture.name);
        assert.deepEqual(await inspectArtifact(source, fixture.name), facts);
        const text = `${JSON.stringify(facts, undefined, 2)}\n`;
        if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(goldenPath(fixture), text);
        assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(goldenPath(fixture), "utf8")));
      });
    }

    for (const fixture of listFixtures(format.id, "lookalike")) {
      it(`does not take ${fixture.name} for its own`, async () => {
        assert.notEqual((await findFormat(memorySource(readFixture(fixture)), fixture.name)).id, format.id);
      });
    }

    for (const kind of ["truncated", "hostile"] as const) {
      for (const fixture of listFixtures(format.id, kind)) {
        it(`refuses ${kind} ${fixture.name}`, async () => {
          const source = watch(memorySource(readFixture(fixture)));
          assert.ok(await isRefused(inspectArtifact(source, fixture.name)), "was read");
          assert.ok(source.bytesRead <= DEFAULT_LIMITS.maxReadBytes);
        });
      }
    }

    it("refuses a cut file, or reads it whole, at every cut", async () => {
      if (usual === undefined) return;
      const smallest = ok.map(readFixture).sort((a, b) => a.length - b.length)[0] as Uint8Array;
      const step = Math.max(1, Math.floor(smallest.length / 400));
      for (let length = 0; length < smallest.length; length += step) {
        await isRefused(inspectArtifact(watch(memorySource(smallest.subarray(0, length))), `cut${usual}`));
      }
    });

    it("stays within the limits it is given", async () => {
      const tight = { ...DEFAULT_LIMITS, maxReadBytes: 2000, maxInflatedBytes: 100 };
      for (const fixture of ok) {
        const source = watch(memorySource(readFixture(fixture)));
        await isRefused(format.inspect(source, tight));
        assert.ok(source.bytesRead <= tight.maxReadBytes, `${fixture.name}: ${source.bytesRead} bytes`);
      }
    });

    it("reads little of a large file", async () => {
      const plain = format.id === "file";
      const whole = plain ? memorySource(new Uint8Array(GIB / 64)) : await hugeOf(readFixture(ok.at(-1) ?? assert.fail()), 5 * GIB);
      const source = watch(whole);
      const facts = await inspectArtifact(source, `large${usual ?? ".bin"}`);
      assert.equal(facts.format, format.id);
      assert.ok(source.reads < 60 && source.bytesRead < 4 * 1024 * 1024, `${source.reads} reads of ${source.bytesRead} bytes`);
    });
  });
}
