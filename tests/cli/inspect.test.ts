import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inflateRawSync } from "node:zlib";
import type { ArtifactFacts } from "@distd/core";
import { writeZip } from "../../fixtures/formats/make/zip-writer.ts";
import { dist, inFolder, SAMPLES } from "../support/dist.ts";
import { withStub } from "../support/stub-server.ts";

const apk = join(SAMPLES, "1.4.0", "notes.apk");

/** A server that answers ranges, and counts the bytes it sends. */
function withRanges(bytes: Uint8Array, body: (url: string, sent: () => number) => Promise<void>): Promise<void> {
  let sent = 0;
  return withStub(
    (request) => {
      const headers = { "accept-ranges": "bytes", "content-length": String(bytes.length) };
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
      if (request.method === "HEAD") return new Response(null, { headers });
      if (start === undefined) return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
      const part = bytes.slice(Number(start), Number(end) + 1);
      sent += part.length;
      return new Response(part, { status: 206, headers: { "content-range": `bytes ${start}-${end}/${bytes.length}` } });
    },
    (url) => body(url, () => sent),
  );
}

/** An entry of a zip, found by its local header. */
function unpack(zip: Buffer, name: string): Buffer {
  const at = zip.indexOf(Buffer.from(name)) - 30;
  const [method, compressed, nameBytes, extraBytes] = [
    zip.readUInt16LE(at + 8),
    zip.readUInt32LE(at + 18),
    zip.readUInt16LE(at + 26),
    zip.readUInt16LE(at + 28),
  ];
  const data = zip.subarray(at + 30 + nameBytes + extraBytes, at + 30 + nameBytes + extraBytes + compressed);
  return method === 0 ? data : inflateRawSync(data);
}

describe("dist inspect", () => {
  it("prints one record with --json", async () => {
    const ran = await dist(["inspect", apk, "--json"]);
    assert.equal(ran.code, 0);
    const facts = ran.json<ArtifactFacts>();
    assert.deepEqual(
      [facts.format, facts.platform, facts.identifier, facts.version, facts.build, facts.name, facts.minOs, facts.targetOs],
      ["apk", "android", "test.acme.notes", "1.4.0", "412", "Acme Notes", "26", "34"],
    );
    assert.deepEqual(facts.architectures, ["any"]);
    const { state, intact, trusted, schemes, signatures = [] } = facts.signing;
    // Android has no roots: nobody is trusted who was not named.
    assert.deepEqual([state, intact, trusted, schemes], ["verified", true, false, ["v2", "v3"]]);
    assert.deepEqual(
      signatures.map((one) => [one.scheme, one.intact]),
      [
        ["v2", true],
        ["v3", true],
      ],
    );
    assert.deepEqual(facts.problems, []);
    assert.match(facts.signing.certificates[0]?.sha256 ?? "", /^[0-9a-f]{64}$/);
  });

  it("shows the verdict first", async () => {
    const { stdout } = await dist(["inspect", apk]);
    assert.match(stdout, /^✗ signed by .*, intact, identity not verified\n {2}v2, /);
    assert.match(stdout, /\nAcme Notes 1\.4\.0 \(412\)\n/);
  });

  it("prints a page for people, who signed it and what it is first", async () => {
    const { stdout } = await dist(["inspect", join(SAMPLES, "1.4.0", "Notes.ipa")]);
    assert.match(stdout, /^✗ signed by .*, intact, identity not verified\n {2}codesign, /);
    assert.match(stdout, /\nAcme Notes 1\.4\.0 \(412\)\ntest\.acme\.notes {2}ipa · ios · arm64\n/);
    assert.match(stdout, /signed\s+codesign \(verified\)/);
  });

  it("refuses a broken file with exit 20 and a problem", () =>
    inFolder({ "broken.apk": readFileSync(apk).subarray(0, 9000), "renamed.ipa": readFileSync(apk) }, async (cwd) => {
      for (const name of ["broken.apk", "renamed.ipa"]) {
        const ran = await dist(["inspect", name, "--json"], { cwd });
        assert.equal(ran.code, 20);
        assert.equal(ran.json()["code"], "artifact/broken");
      }
    }));

  it("reads a file on a server by ranges: a few kilobytes of a large one", async () => {
    const manifest = unpack(readFileSync(apk), "AndroidManifest.xml");
    const large = writeZip([
      { name: "AndroidManifest.xml", data: manifest },
      { name: "assets/padding.bin", data: Buffer.alloc(8 * 1024 * 1024) },
    ]);
    await withRanges(new Uint8Array(large), async (url, sent) => {
      const ran = await dist(["inspect", `${url}/large.apk`, "--json"]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.json<ArtifactFacts>().identifier, "test.acme.notes");
      assert.ok(sent() < large.length * 0.03, `${sent()} of ${large.length} bytes were read`);
    });
  });

  it("says so when a server answers no ranges", () =>
    withStub(
      () => new Response("all of it"),
      async (url) => assert.equal((await dist(["inspect", `${url}/notes.apk`])).code, 30),
    ));

  it("writes the icon as PNG", () =>
    inFolder({}, async (cwd) => {
      await dist(["inspect", apk, "--icon", "icon.png"], { cwd });
      assert.deepEqual([...readFileSync(join(cwd, "icon.png")).subarray(1, 4)], [0x50, 0x4e, 0x47]);
      await dist(["inspect", "pack", "--icon", "none.png"], { cwd });
      assert.equal(existsSync(join(cwd, "none.png")), false);
    }));
});
