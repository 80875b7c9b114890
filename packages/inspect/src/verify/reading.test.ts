// What is read of an artifact: every byte once, whatever signs it inside and beside.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type ByteSource, memorySource } from "@distd/core";
import fc from "fast-check";
import { createSigstore, ISSUER, SUBJECT } from "../../../../fixtures/signatures/make/sigstore-authority.ts";
import { REPOSITORY } from "../test-support/fixtures.ts";
import { watch } from "../test-support/watching-source.ts";
import { writePe } from "../../../../fixtures/formats/make/pe.ts";
import { authenticodeMessage, catalogue, peDigest, withTable } from "../../../../fixtures/signatures/make/windows-recipes.ts";
import { noise } from "../../../../fixtures/signatures/make/windows-unsigned.ts";
import { hashAlong } from "./hash-along.ts";
import { verifyArtifact } from "./index.ts";
import type { Verdict } from "./verdict.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures");
const NOW = new Date("2026-01-15");
const file = (path: string): Buffer => readFileSync(join(FOLDER, path));
const hex = (bytes: Uint8Array, name: string): string => createHash(name).update(bytes).digest("hex");
const lists = (bytes: Uint8Array, name: string): Readonly<Record<string, Buffer>> => ({
  SHA256SUMS: Buffer.from(`${hex(bytes, "sha256")}  ${name}\n`),
  SHA512SUMS: Buffer.from(`${hex(bytes, "sha512")}  ${name}\n`),
});

interface Given {
  readonly format: string;
  readonly fileName: string;
  readonly keys?: readonly string[];
  readonly beside: Readonly<Record<string, Uint8Array>>;
}

async function verifyWatched(
  bytes: Uint8Array,
  { format, fileName, keys = [], beside }: Given,
): Promise<Verdict & { readonly read: number }> {
  const source = watch(memorySource(bytes));
  const verdict = await verifyArtifact(source, {
    format,
    fileName,
    now: NOW,
    trust: { certificates: [], keys, revoked: new Set() },
    beside: new Map(Object.entries(beside).map(([name, content]) => [name, memorySource(content)])),
  });
  return { ...verdict, read: source.bytesRead };
}
const schemes = ({ signatures }: Verdict): readonly string[] => signatures.map(({ scheme, intact }) => `${scheme} ${intact}`).toSorted();

describe("an artifact is read once", () => {
  it("for everything that lies beside it", async () => {
    const notes = file("minisign/notes.txt");
    const authority = createSigstore();
    const sparkle = generateKeyPairSync("ed25519");
    const point = Buffer.from(sparkle.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const curve = file("sigstore/keys/test.pub").toString("latin1");
    const found = await verifyWatched(notes, {
      format: "zip",
      fileName: "notes.txt",
      keys: [
        file("openpgp/keys/rsa.asc").toString("latin1"),
        file("minisign/keys/test.pub").toString("latin1"),
        JSON.stringify(authority.trustedRoot),
        JSON.stringify({ sigstoreIdentities: [{ subject: SUBJECT, issuer: ISSUER }] }),
        point.toString("base64"),
        curve,
      ],
      beside: {
        ...lists(notes, "notes.txt"),
        "notes.txt.asc": file("openpgp/notes.txt.rsa.asc"),
        "notes.txt.minisig": file("minisign/notes.txt.prehashed.minisig"),
        "notes.txt.edsig": Buffer.from(sign(null, notes, sparkle.privateKey).toString("base64")),
        "notes.txt.sigstore.json": Buffer.from(JSON.stringify(authority.sign(notes))),
        "notes.txt.sigstore": file("sigstore/notes.txt.test.sigstore"),
      },
    });
    assert.deepEqual(schemes(found), [
      "checksums true",
      "checksums true",
      "minisign true",
      "openpgp true",
      "sigstore true",
      "sigstore true",
      "sparkle true",
    ]);
    assert.equal(found.read, notes.length);
  });

  it("for what is inside a package and lists of its digest", async () => {
    const bytes = file("rpm/header-and-payload.rpm");
    const keys = [file("rpm/keys/rsa.asc").toString("latin1")];
    const found = await verifyWatched(bytes, { format: "rpm", fileName: "notes.rpm", keys, beside: lists(bytes, "notes.rpm") });
    assert.deepEqual(schemes(found), ["checksums true", "checksums true", "header-rsa true", "pgp true"]);
    // A few bytes before it is known what it is.
    assert.ok(found.read <= bytes.length + 64, `${found.read} of ${bytes.length}`);
  });

  it("for a program's signature, lists of digests, and catalogues", async () => {
    const unsigned = writePe({ sections: { ".text": noise(2 * 1024 * 1024, 1) } });
    const program = withTable(unsigned, [authenticodeMessage(peDigest(unsigned))]);
    const listed = catalogue([{ digest: Buffer.alloc(32, 1), file: "notes.exe" }]);
    const found = await verifyWatched(program, {
      format: "exe",
      fileName: "notes.exe",
      beside: { ...lists(program, "notes.exe"), "a.cat": listed, "b.cat": listed },
    });
    assert.deepEqual(schemes(found), ["authenticode true", "catalogue false", "catalogue false", "checksums true", "checksums true"]);
    assert.ok(found.read < program.length * 1.05, `${found.read} of ${program.length}`);
  });
});

describe("hashing along", () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 251));
  const range = fc.tuple(fc.nat(1000), fc.nat(1000)).map(([a, b]) => [Math.min(a, b), Math.abs(a - b)] as const);

  it("hashes every byte once, whatever is read, in whatever order, at the same time or one by one", () =>
    fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 12 }), fc.boolean(), async (ranges, isConcurrent) => {
        const hash = createHash("sha256");
        const { source, finish } = hashAlong(slow(memorySource(bytes)), [hash]);
        const read = async ([offset, length]: readonly [number, number]): Promise<void> =>
          assert.deepEqual(Buffer.from(await source.read(offset, length)), bytes.subarray(offset, offset + length));
        if (isConcurrent) await Promise.all(ranges.map(read));
        else for (const one of ranges) await read(one);
        await finish();
        assert.equal(hash.digest("hex"), hex(bytes, "sha256"));
      }),
      { numRuns: 200 },
    ));

  it("tells of a file that cannot be read", async () => {
    const failing: ByteSource = { size: 10, read: async () => Promise.reject(new Error("the disk is gone")) };
    const { source, finish } = hashAlong(failing, [createHash("sha256")]);
    await assert.rejects(source.read(0, 4), /the disk is gone/);
    await assert.rejects(finish(), /the disk is gone/);
  });
});

/** Answers long after, and the second before the first. */
function slow(inner: ByteSource): ByteSource {
  let turn = 0;
  return {
    size: inner.size,
    async read(offset, length) {
      for (let wait = (turn++ % 2) * 3; wait >= 0; wait--) await Promise.resolve();
      return inner.read(offset, length);
    },
  };
}
