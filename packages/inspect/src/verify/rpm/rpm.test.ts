import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { openPgpSigner } from "../../test-support/openpgp-signer.ts";
import { watch } from "../../test-support/watching-source.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import type { Verdict } from "../verdict.ts";
import { rpm } from "./index.ts";
import { readPackageParts } from "./package-parts.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/rpm");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const SIGNED = ["rsa", "ed25519", "dsa", "header-and-payload"];
const HEADER_TAGS: Readonly<Record<string, number>> = { rsa: 268, ed25519: 267, dsa: 267, "header-and-payload": 268 };

const packageOf = (name: string): Buffer => readFileSync(join(FOLDER, `${name}.rpm`));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", `${name === "header-and-payload" ? "rsa" : name}.asc`), "latin1");

function verify(bytes: Uint8Array, keys: readonly string[] = [], now = new Date("2026-06-01")): Promise<Verdict> {
  const trust = { certificates: [], keys, revoked: new Set<string>() };
  return rpm.verify(memorySource(bytes), { format: "rpm", fileName: "a.rpm", now, trust, beside: new Map() });
}

describe("a signed package", () => {
  for (const name of SIGNED)
    it(`${name}: intact and trusted`, async () => {
      const { intact, trusted, signatures } = await verify(packageOf(name), [keyOf("stranger"), keyOf(name)]);
      assert.deepEqual([intact, trusted], [true, true]);
      const schemes = name === "header-and-payload" ? ["header-rsa", "pgp"] : [HEADER_TAGS[name] === 268 ? "header-rsa" : "header-dsa"];
      assert.deepEqual(
        signatures.map(({ scheme }) => scheme),
        schemes,
      );
    });

  it("is read once", async () => {
    const watched = watch(memorySource(packageOf("header-and-payload")));
    const trust = { certificates: [], keys: [keyOf("rsa")], revoked: new Set<string>() };
    await rpm.verify(watched, { format: "rpm", fileName: "a.rpm", now: new Date(), trust, beside: new Map() });
    assert.ok(watched.bytesRead <= watched.size + 32, `${watched.bytesRead} of ${watched.size}`);
  });
});

describe("what is not trusted", () => {
  it("a package nobody signed has no verdict", async () => {
    assert.equal(stateOf(await verify(packageOf("unsigned"), [keyOf("rsa")])), "unsigned");
  });
  for (const name of SIGNED)
    it(`${name} without its key: neither answer, and the reason`, async () => {
      for (const keys of [[], [keyOf("stranger")]]) {
        const verdict = await verify(packageOf(name), keys);
        assert.equal(stateOf(verdict), "unsigned");
        assert.equal(verdict.signatures[0]?.problems[0]?.code, "signing/unknown-signer");
      }
    });
  it("a key that ended: expired", async () => {
    assert.equal(stateOf(await verify(packageOf("rsa"), [keyOf("rsa")], new Date("2033-01-01"))), "intact expired");
  });
  it("a package from the future: not-yet-valid", async () => {
    assert.equal(stateOf(await verify(packageOf("rsa"), [keyOf("rsa")], new Date("2025-01-01"))), "intact not-yet-valid");
  });
  it("a payload that goes on: digest-mismatch", async () => {
    for (const name of [...SIGNED, "unsigned"])
      assert.equal(stateOf(await verify(Buffer.concat([packageOf(name), Buffer.of(0)]), [keyOf("rsa")])).includes("digest-mismatch"), true);
  });
  it("the signatures of another package: digest-mismatch", async () => {
    const [own, other] = [packageOf("rsa"), packageOf("header-and-payload")];
    const [ownParts, otherParts] = [await readPackageParts(memorySource(own)), await readPackageParts(memorySource(other))];
    const at = (parts: typeof ownParts): number => parts.payloadOffset - parts.header.bytes;
    const mixed = Buffer.concat([own.subarray(0, at(ownParts)), other.subarray(at(otherParts))]);
    assert.equal(stateOf(await verify(mixed, [keyOf("rsa")])), "digest-mismatch");
  });
  it("another form of signatures, as the lead says: malformed", async () => {
    assert.equal(stateOf(await verify(flipped(packageOf("rsa"), 79), [keyOf("rsa")])), "malformed");
  });
  it("the key itself", async () => {
    assert.equal(stateOf(await verify(Buffer.from(keyOf("rsa")), [keyOf("rsa")])), "malformed");
  });

  it("a header without a digest of the payload: uncovered, unless header and payload are signed too", async () => {
    const signer = openPgpSigner("Test, never trust it");
    const header = headerOf([[1000, 6, Buffer.from("name\0")]]);
    const payload = Buffer.from("the payload");
    const ofHeader = [268, 7, signer.sign(header)] as const;
    const ofBoth = [1002, 7, signer.sign(Buffer.concat([header, payload]))] as const;
    const states = await Promise.all(
      [[ofHeader], [ofHeader, ofBoth], [ofBoth]].map(async (tags) => stateOf(await verify(packed(tags, header, payload), [signer.key]))),
    );
    assert.deepEqual(states, ["uncovered", "intact trusted", "intact trusted"]);
  });

  it("a digest of the payload of an unknown kind: malformed", async () => {
    const signer = openPgpSigner("Test, never trust it");
    const header = headerOf([
      [5092, 8, Buffer.from("00\0")],
      [5093, 4, Buffer.of(0, 0, 0, 10)],
    ]);
    assert.equal(stateOf(await verify(packed([[268, 7, signer.sign(header)]], header, Buffer.alloc(9)), [signer.key])), "malformed");
  });

  it("version 6 has its signatures in base64; one of an unknown form says nothing beside another", async () => {
    const signer = openPgpSigner("Test, never trust it");
    const payload = Buffer.from("the payload");
    const digest = "9a6dd9ffbbd1ab94f1cba2c4b1ff4d4d5b3b6a0f";
    const header = headerOf([[5092, 8, Buffer.from(`${digest}\0`)]]);
    const made = Buffer.from(signer.sign(header));
    const unknown = Buffer.from(made);
    unknown[6] = 6;
    const state = async (...list: readonly Buffer[]): Promise<string> => {
      const texts = Buffer.from(list.map((one) => `${one.toString("base64")}\0`).join(""));
      return stateOf(await verify(packed([[278, 8, texts, list.length]], header, payload), [signer.key]));
    };
    assert.equal(await state(made), "digest-mismatch");
    assert.equal(await state(unknown), "digest-mismatch unsupported");
    assert.equal(await state(made, unknown), "digest-mismatch ignored");
  });
});

type Tag = readonly [tag: number, type: number, value: Uint8Array, count?: number];

/** A header as rpm writes it, without a region. */
function headerOf(tags: readonly Tag[]): Buffer {
  const words = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
    return bytes;
  };
  let offset = 0;
  const rows = tags.map(([tag, type, value, count]) => {
    const row = words(tag, type, offset, count ?? (type === 7 ? value.length : 1));
    offset += value.length;
    return row;
  });
  return Buffer.concat([words(0x8eade801, 0, tags.length, offset), ...rows, ...tags.map(([, , value]) => value)]);
}

function packed(tags: readonly Tag[], header: Buffer, payload: Buffer): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  lead.writeUInt16BE(5, 78);
  const signatures = headerOf(tags);
  return Buffer.concat([lead, signatures, Buffer.alloc((8 - (signatures.length % 8)) % 8), header, payload]);
}

describe("one flipped bit", async () => {
  for (const name of SIGNED) {
    const bytes = packageOf(name);
    const { signatures, header, payloadOffset } = await readPackageParts(memorySource(bytes));
    const headerAt = payloadOffset - header.bytes;
    const signature = Buffer.from(signatures.binary(HEADER_TAGS[name] ?? 0) ?? []);
    const sha256 = Buffer.from(signatures.text(273) ?? "");
    const both = Buffer.from(signatures.binary(1002) ?? []);
    /** Region → where, and the verdict. The lead and what fills up in front of the header are not covered: rpm reads neither. */
    const regions: Readonly<Record<string, readonly [at: number, state: string]>> = {
      "the lead's magic": [0, "malformed"],
      "the lead's name": [20, "intact trusted"],
      "the lead's form of signatures": [79, "malformed"],
      "the start of the header of signatures": [96, "malformed"],
      "the header's sha256": [bytes.indexOf(sha256), "digest-mismatch"],
      "the md5 of header and payload": [bytes.indexOf(Buffer.from(signatures.binary(1004) ?? [])), "digest-mismatch"],
      "the signature's value": [bytes.indexOf(signature) + signature.length - 3, "signature-mismatch"],
      ...(both.length > 0 && { "the value of the signature over both": [bytes.indexOf(both) + both.length - 3, "signature-mismatch"] }),
      "the start of the header": [headerAt, "malformed"],
      "the header's zeros": [headerAt + 5, "digest-mismatch"],
      "the header's index": [headerAt + 16 + 3 * 16 + 3, "digest-mismatch"],
      "the header's first value": [bytes.indexOf(Buffer.from(`${name}\0`), headerAt), "digest-mismatch"],
      "the payload's digest in the header": [bytes.indexOf(Buffer.from(header.texts(5092)[0] ?? ""), headerAt), "digest-mismatch"],
      "the header's end": [payloadOffset - 1, "digest-mismatch"],
      "the payload's first byte": [payloadOffset, "digest-mismatch"],
      "the payload": [payloadOffset + 200, "digest-mismatch"],
      "the payload's last byte": [bytes.length - 1, "digest-mismatch"],
    };
    for (const [region, [at, state]] of Object.entries(regions))
      it(`${name}: ${region}: ${state}`, async () => {
        assert.ok(at >= 0 && at < bytes.length, `${at}`);
        assert.equal(stateOf(await verify(flipped(bytes, at), [keyOf(name)])), state);
      });
  }
});

/** Where signatures name the key in the part that is not hashed. */
async function issuerHints(bytes: Buffer, key: string): Promise<readonly number[]> {
  const { signatures } = await verify(bytes, [key]);
  const keyId = Buffer.from(String(signatures[0]?.signer?.keyId).slice(-16), "hex");
  const hint = Buffer.concat([Buffer.of(9, 16), keyId]);
  const found: number[] = [];
  for (let at = bytes.indexOf(hint); at !== -1; at = bytes.indexOf(hint, at + 1)) found.push(at + 2);
  return found;
}

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const name of SIGNED) {
      const [bytes, keys] = [packageOf(name), [keyOf(name)]];
      await fc.assert(
        fc.asyncProperty(damages, async (list) => {
          const { intact, trusted } = await verify(damage(bytes, list), keys);
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    }
  });
  it("is not trusted when it is cut short", async () => {
    const bytes = packageOf("ed25519");
    for (let length = 0; length < bytes.length; length += 61)
      assert.notEqual((await verify(bytes.subarray(0, length), [keyOf("ed25519")])).trusted, true, `${length}`);
  });
});

const hasRpmkeys = spawnSync("rpmkeys", ["--version"]).status === 0;
describe("agreement with rpmkeys", { skip: hasRpmkeys ? false : "no rpmkeys here" }, () => {
  it("over the signed packages with keys given, as they are and with single bits flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-rpmkeys-"));
    try {
      let compared = 0;
      const differing: string[] = [];
      const file = join(folder, "a.rpm");
      for (const name of ["rsa", "ed25519", "dsa"])
        assert.equal(spawnSync("rpmkeys", ["--dbpath", folder, "--import", join(FOLDER, "keys", `${name}.asc`)]).status, 0);
      for (const name of SIGNED) {
        const bytes = packageOf(name);
        const hints = await issuerHints(bytes, keyOf(name));
        for (let at = -1; at < bytes.length; at += at < 0 ? 1 : 149) {
          const changed = at < 0 ? bytes : flipped(bytes, at);
          writeFileSync(file, changed);
          const { status, stdout } = spawnSync("rpmkeys", ["--dbpath", folder, "-K", file], { encoding: "utf8" });
          const theirs = status === 0 && stdout.includes("signatures OK");
          const { intact, trusted } = await verify(changed, [keyOf(name)]);

          // rpm looks for the key by the hint that is not signed; we by the fingerprint that is.
          if (hints.some((hint) => at >= hint && at < hint + 8)) assert.deepEqual([intact, theirs], [true, false], `${name} ${at}`);
          else if ((intact === true && trusted === true) !== theirs)
            differing.push(`${name} ${at}: rpmkeys ${stdout.trim()}, we ${String(intact)}`);
          compared += 1;
        }
      }
      assert.deepEqual(differing, []);
      assert.ok(compared > 150, `${compared}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
