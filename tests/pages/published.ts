import { join } from "node:path";
import assert from "node:assert/strict";
import { dist, inFolder, SAMPLES } from "../support/dist.ts";
import type { TestServer } from "../support/server.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
export const NOTES = "## Faster\n\nNotes open **twice as fast**.\n\n- Search finds words in pictures\n\n[More](https://acme.test/changes)";

const files = (version: string): readonly unknown[] => [
  { path: join(SAMPLES, version, "notes.apk") },
  { path: join(SAMPLES, version, "Notes.ipa") },
  { path: join(FIXTURES, "signatures/windows/exe/signed.exe") },
  { path: join(FIXTURES, "formats/zip/ok/texts.zip"), platform: "linux", arch: "x64" },
  { path: join(FIXTURES, "formats/zip/ok/signed.jar"), platform: "linux", arch: "arm64" },
  { path: join(FIXTURES, "formats/dmg/ok/app.dmg"), arch: "arm64" },
  { path: join(FIXTURES, "formats/signature/ok/notes.tar.gz.minisig") },
];

/** An app for every kind of device, with two releases on beta. */
export async function publishNotes(server: TestServer, change: Readonly<Record<string, unknown>> = {}): Promise<void> {
  for (const [version, build] of [
    ["1.4.0", "412"],
    ["1.5.0", "430"],
  ] as const) {
    const manifest = {
      app: "acme-notes",
      name: "Acme Notes",
      access: "public",
      version,
      build,
      channel: "beta",
      notes: NOTES,
      artifacts: files(version),
      ...change,
    };
    await publishManifest(server, manifest);
  }
}

export async function publishManifest(server: TestServer, manifest: Readonly<Record<string, unknown>>): Promise<void> {
  await inFolder({ "dist.json": JSON.stringify(manifest) }, async (cwd) => {
    const ran = await dist(["ci", "publish", "--json"], { server: server.url, cwd });
    assert.equal(ran.code, 0, ran.stderr || ran.stdout);
  });
}
