import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { readElf } from "../../elf/read-elf.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { openPgpSigner } from "../../test-support/openpgp-signer.ts";
import { watch } from "../../test-support/watching-source.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import { readArmor } from "../openpgp/armor.ts";
import type { Verdict } from "../verdict.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/appimage");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const imageOf = (name: string): Buffer => readFileSync(join(FOLDER, `${name}.AppImage`));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", `${name}.asc`), "latin1");
const [RSA, ED25519, STRANGER] = [keyOf("rsa"), keyOf("ed25519"), keyOf("stranger")];

/** File → the key that made its signature. */
const SIGNED: Readonly<Record<string, string>> = {
  rsa: RSA,
  ed25519: ED25519,
  "not-textmode": ED25519,
  "without-key": ED25519,
  "key-of-another": ED25519,
};

function verify(bytes: Uint8Array, keys: readonly string[] = [], now = new Date("2026-06-01")): Promise<Verdict> {
  const trust = { certificates: [], keys, revoked: new Set<string>() };
  return verifyArtifact(memorySource(bytes), { format: "appimage", fileName: "a.AppImage", now, trust });
}
const state = async (bytes: Uint8Array, keys: readonly string[] = []): Promise<string> => stateOf(await verify(bytes, keys));

/** Where a section lies. */
async function place(bytes: Buffer, name: string): Promise<{ readonly offset: number; readonly bytes: number }> {
  const found = (await readElf(memorySource(bytes))).sections.find((section) => section.name === name);
  assert.ok(found, name);
  return found;
}

async function withSection(image: string, name: string, content: Uint8Array): Promise<Buffer> {
  const bytes = imageOf(image);
  const section = await place(bytes, name);
  bytes.fill(0, section.offset, section.offset + section.bytes);
  bytes.set(content, section.offset);
  return bytes;
}

async function contentOf(image: string, name: string): Promise<Buffer> {
  const bytes = imageOf(image);
  const { offset, bytes: length } = await place(bytes, name);
  const content = bytes.subarray(offset, offset + length);
  return content.subarray(0, content.indexOf(0));
}

describe("a signed AppImage", () => {
  for (const [name, key] of Object.entries(SIGNED))
    it(`${name}: intact and trusted`, async () => {
      const verdict = await verify(imageOf(name), [STRANGER, key]);
      assert.equal(stateOf(verdict), "intact trusted");
      assert.match(verdict.signatures[0]?.signer?.name ?? "", /^Test (?:rsa|ed25519), never trust it$/);
      assert.equal(verdict.signatures[0]?.scheme, "gpg");
    });

  it("is intact by the key it encloses, and trusted by none", async () => {
    for (const name of ["rsa", "ed25519", "not-textmode"])
      for (const keys of [[], [STRANGER]]) {
        const verdict = await verify(imageOf(name), keys);
        assert.equal(stateOf(verdict), "intact unknown-signer");
        assert.equal(verdict.signatures[0]?.trusted, false);
      }
  });

  it("is read once", async () => {
    const watched = watch(memorySource(imageOf("rsa")));
    const trust = { certificates: [], keys: [RSA], revoked: new Set<string>() };
    await verifyArtifact(watched, { format: "appimage", fileName: "a.AppImage", now: new Date("2026-06-01"), trust });
    assert.ok(watched.bytesRead < watched.size + 2048, `${watched.bytesRead} of ${watched.size}`);
  });
});

/** What is given → the verdict. `unsigned`: neither answer. */
const REFUSED: Readonly<Record<string, readonly [wanted: string, bytes: () => Buffer | Promise<Buffer>, keys: readonly string[]]>> = {
  "nothing signed": ["unsigned", () => imageOf("unsigned"), [RSA]],
  "no key at all": ["unsigned", () => imageOf("without-key"), []],
  "the key of another enclosed": ["unsigned", () => imageOf("key-of-another"), [STRANGER]],
  "a key that is damaged": ["unsigned", () => withSection("ed25519", ".sig_key", Buffer.from(ED25519.replace("m", "n"))), []],
  "another file's signature": ["digest-mismatch", signedElsewhere, [RSA]],
  "a longer file": ["digest-mismatch", () => Buffer.concat([imageOf("rsa"), Buffer.of(0)]), [RSA]],
  "a shorter file": ["digest-mismatch", () => imageOf("rsa").subarray(0, -1), [RSA]],
  "another file system": ["digest-mismatch", () => Buffer.concat([imageOf("rsa").subarray(0, -4096), Buffer.alloc(4096)]), [RSA]],
  "no armour": ["malformed", () => withSection("ed25519", ".sha256_sig", Buffer.from("signed, believe me")), [ED25519]],
  "a key as signature": ["malformed", () => withSection("ed25519", ".sha256_sig", Buffer.from(ED25519)), [ED25519]],
  "half a signature": [
    "malformed",
    async () => withSection("ed25519", ".sha256_sig", (await contentOf("ed25519", ".sha256_sig")).subarray(0, 90)),
    [ED25519],
  ],
  "something behind the signature": ["uncovered", () => filled("ed25519", ".sha256_sig"), [ED25519]],
  "something behind the key": ["uncovered", () => filled("ed25519", ".sig_key"), [ED25519]],
  "something in place of the key": ["uncovered", () => withSection("without-key", ".sig_key", Buffer.of(0, 1)), [ED25519]],
  "the start of the file alone": ["malformed", () => imageOf("rsa").subarray(0, 100), [RSA]],
  "no program": ["malformed", () => imageOf("rsa").subarray(1), [RSA]],
};

/** Over another digest. */
function signedElsewhere(): Promise<Buffer> {
  const made = openPgpSigner("Test, never trust it").sign(Buffer.from("0".repeat(64)));
  return withSection("ed25519", ".sha256_sig", Buffer.from(armoured(Buffer.from(made))));
}

function armoured(bytes: Buffer): string {
  return `-----BEGIN PGP SIGNATURE-----\n\n${bytes.toString("base64")}\n-----END PGP SIGNATURE-----\n`;
}

async function filled(image: string, name: string): Promise<Buffer> {
  const bytes = imageOf(image);
  const section = await place(bytes, name);
  bytes[section.offset + section.bytes - 1] = 1;
  return bytes;
}

describe("what is not trusted", () => {
  for (const [name, [wanted, bytes, keys]] of Object.entries(REFUSED))
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(await bytes(), keys);
      const found = stateOf(verdict).split(" ");
      for (const code of wanted.split(" ")) assert.ok(found.includes(code), found.join(" "));
      assert.notEqual(verdict.trusted, true);
      if (wanted !== "unsigned") assert.equal(verdict.intact, false);
    });

  it("a signature from the future, by the key given or the one enclosed", async () => {
    assert.equal(stateOf(await verify(imageOf("rsa"), [RSA], new Date("2025-01-01"))), "intact not-yet-valid");
    assert.equal(stateOf(await verify(imageOf("rsa"), [], new Date("2025-01-01"))), "intact not-yet-valid unknown-signer");
  });
});

describe("one flipped bit", async () => {
  for (const name of ["rsa", "not-textmode"]) {
    const bytes = imageOf(name);
    const [signature, key] = [await place(bytes, ".sha256_sig"), await place(bytes, ".sig_key")];
    const { end } = await readElf(memorySource(bytes));
    /** Region → where, and the verdict with the key given. The enclosed key is covered by nothing. */
    const regions: Readonly<Record<string, readonly [at: number, wanted: string]>> = {
      "the program's magic": [1, "malformed"],
      "the mark": [9, "digest-mismatch"],
      "the program": [0xb1, "digest-mismatch"],
      "where updates come from": [(await place(bytes, ".upd_info")).offset, "digest-mismatch"],
      "the byte in front of the signature": [signature.offset - 1, "digest-mismatch"],
      "the signature's first line": [signature.offset + 3, "malformed"],
      "the signature's last line": [bytes.indexOf("-----END", signature.offset) + 10, "malformed"],
      "the zeros behind the signature": [signature.offset + signature.bytes - 1, "uncovered"],
      "the enclosed key": [key.offset + 200, "intact trusted"],
      "the zeros behind the key": [key.offset + key.bytes - 1, "uncovered"],
      "the byte behind the key": [key.offset + key.bytes, "malformed digest-mismatch"],
      "the table of sections": [end - 1, "digest-mismatch"],
      "the file system's first byte": [end + 4, "digest-mismatch"],
      "the last byte": [bytes.length - 1, "digest-mismatch"],
    };
    for (const [region, [at, wanted]] of Object.entries(regions))
      it(`${name}: ${region}: ${wanted}`, async () => {
        const found = await state(flipped(bytes, at), [SIGNED[name] ?? ""]);
        assert.ok(found === wanted || wanted.split(" ").includes(found), found);
      });
  }

  it("of the value: signature-mismatch", async () => {
    for (const name of ["rsa", "ed25519"]) {
      const made = Buffer.from(readArmor((await contentOf(name, ".sha256_sig")).toString("latin1"))[0]?.bytes ?? []);
      const other = await withSection(name, ".sha256_sig", Buffer.from(armoured(flipped(made, made.length - 3))));
      assert.equal(await state(other, [SIGNED[name] ?? ""]), "signature-mismatch");
      assert.equal(await state(other), "signature-mismatch");
    }
  });

  it("anywhere outside of both sections changes the verdict", async () => {
    const bytes = imageOf("ed25519");
    const [signature, key] = [await place(bytes, ".sha256_sig"), await place(bytes, ".sig_key")];
    for (let at = 0; at < bytes.length; at += 7) {
      if ([signature, key].some((own) => at >= own.offset && at < own.offset + own.bytes)) continue;
      const { intact } = await verify(flipped(bytes, at), [ED25519]);
      assert.notEqual(intact, true, `${at}`);
    }
  });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const [name, key] of Object.entries(SIGNED)) {
      const bytes = imageOf(name);
      await fc.assert(
        fc.asyncProperty(damages, async (list) => {
          const { intact, trusted } = await verify(damage(bytes, list), [key]);
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    }
  });
  it("is not trusted when it is cut short", async () => {
    const bytes = imageOf("ed25519");
    for (let length = 0; length < bytes.length; length += 97)
      assert.notEqual((await verify(bytes.subarray(0, length), [ED25519])).trusted, true, `${length}`);
  });
});

const hasGpgv = spawnSync("gpgv", ["--version"]).status === 0;
describe("agreement with gpgv over the digest", { skip: hasGpgv ? false : "no gpgv here" }, () => {
  it("of every test file, as it is and with single bits flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-appimage-"));
    try {
      const [ring, digest, made] = ["ring.gpg", "digest", "signature"].map((name) => join(folder, name)) as [string, string, string];
      const differing: string[] = [];
      for (const [name, key] of Object.entries(SIGNED)) {
        writeFileSync(ring, readArmor(key)[0]?.bytes ?? "");
        const bytes = imageOf(name);
        const [signature, enclosed] = [await place(bytes, ".sha256_sig"), await place(bytes, ".sig_key")];
        for (let at = -1; at < bytes.length; at += at < 0 ? 1 : 997) {
          const own = at < 0 ? bytes : flipped(bytes, at);
          // As validate.c does it: the sections' places are those of the file as it was.
          const zeroed = Buffer.from(own);
          for (const { offset, bytes: length } of [signature, enclosed]) zeroed.fill(0, offset, offset + length);
          writeFileSync(digest, createHash("sha256").update(zeroed).digest("hex"));
          const text = own.subarray(signature.offset, signature.offset + signature.bytes);
          writeFileSync(made, text.subarray(0, Math.max(0, text.indexOf(0))));
          const theirs = spawnSync("gpgv", ["--keyring", ring, made, digest], { env: { ...process.env, GNUPGHOME: folder } }).status === 0;
          const { intact, trusted } = await verify(own, [key]);
          const isBehind = [signature, enclosed].some(
            ({ offset, bytes: length }) => at >= offset && at < offset + length && bytes[at] === 0,
          );
          if ((intact === true && trusted === true) !== (theirs && !isBehind)) differing.push(`${name} ${at}: gpgv ${String(theirs)}`);
        }
      }
      assert.deepEqual(differing, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
