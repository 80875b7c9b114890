import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ArtifactFacts, memorySource } from "@distd/core";
import { inspectArtifact, readIcon } from "../../index.ts";
import { listFixtures, readFixture } from "../../test-support/fixtures.ts";

function fixture(name: string): Uint8Array {
  return readFixture(listFixtures("dmg", "ok").find((candidate) => candidate.name === name) ?? assert.fail(name));
}

/** What the app says; not how the image keeps it. */
function appFacts({ details: { partitions: _partitions, fileSystem: _fileSystem, ...details }, ...facts }: ArtifactFacts): unknown {
  return { ...facts, details };
}

describe("dmg", () => {
  for (const name of [
    "adc-chunks.dmg",
    "compressed-files.dmg",
    "apfs.dmg",
    "apfs-without-map.dmg",
    "apfs-cases-and-clones.dmg",
    "apfs-compressed-files.dmg",
  ])
    it(`says the same of an app in ${name} as in app.dmg`, async () => {
      const [expected, actual] = await Promise.all(["app.dmg", name].map((file) => inspectArtifact(memorySource(fixture(file)), file)));
      assert.deepEqual(appFacts(actual as ArtifactFacts), appFacts(expected as ArtifactFacts));
    });

  it("reads the icon from APFS as from HFS+, compressed or not", async () => {
    const path = "Lantern.app/Contents/Resources/Lantern.icns";
    const icons = ["app.dmg", "apfs.dmg", "apfs-compressed-files.dmg", "compressed-files.dmg"].map((name) =>
      readIcon(memorySource(fixture(name)), name, path),
    );
    const [expected, ...others] = await Promise.all(icons);
    assert.ok(expected !== undefined);
    for (const other of others) assert.deepEqual(other, expected);
  });
});
