import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { writeTicket } from "../../../../../../fixtures/signatures/make/apple-ticket.ts";
import { unsignedPkg } from "../../../../../../fixtures/signatures/make/apple-pkg-unsigned.ts";
import { describeAgreement } from "../../../test-support/corpus.ts";
import { damages, damage } from "../../../test-support/fuzz/damage.ts";
import { APPLE_FIXTURES, appleCertificate, heapAt, signPkg, staple, tableHash } from "../../../test-support/apple/signed-pkg.ts";
import { flipped, stateOf } from "../../../test-support/verdicts.ts";
import { verifyArtifact } from "../../index.ts";
import type { Verdict } from "../../verdict.ts";

const NOW = new Date("2026-06-01");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 200);
const signed = (name: string): Buffer => readFileSync(join(APPLE_FIXTURES, "pkg", `${name}.pkg`));

/** The message of one archive in the other, which has the room for it. */
function withMessageOf(archive: Buffer, other: Buffer): Buffer {
  const bytes = Buffer.from(archive);
  other.copy(bytes, heapAt(archive) + 276, heapAt(other) + 276, heapAt(other) + 276 + 4096);
  return bytes;
}

function verify(bytes: Uint8Array, { roots = ["root"], now = NOW } = {}): Promise<Verdict> {
  const trust = { certificates: roots.map(appleCertificate), keys: [], revoked: new Set<string>() };
  return verifyArtifact(memorySource(bytes), { format: "pkg", fileName: "lantern.pkg", now, trust });
}

const FINE = "intact trusted not-notarized";

describe("a signed installer", () => {
  it("with both signatures, by the identity for it", async () => {
    const verdict = await verify(signed("installer"));
    assert.equal(stateOf(verdict), FINE);
    assert.deepEqual(
      verdict.signatures.map(({ scheme, signer, details }) => [
        scheme,
        signer?.name,
        details?.["form"],
        details?.["identity"],
        details?.["teamId"],
      ]),
      [
        ["productsign", "Test Developer ID Installer", "rsa", "Developer ID Installer", "TESTTEAM01"],
        ["productsign", "Test Developer ID Installer", "cms", "Developer ID Installer", "TESTTEAM01"],
      ],
    );
  });

  it("as Apple signs: RSA over the table's SHA-1, which is weak", async () =>
    assert.equal(stateOf(await verify(signPkg())), "intact trusted no-timestamp not-notarized weak-algorithm"));

  const cases: Readonly<Record<string, readonly [state: string, bytes: () => Buffer, options?: Parameters<typeof verify>[1]]>> = {
    "that nobody signed": ["unsigned", unsignedPkg],
    "by an identity for development": ["intact no-timestamp wrong-purpose", () => signed("development")],
    "by a stranger": ["intact no-timestamp not-notarized unknown-signer wrong-purpose", () => signed("stranger")],
    "by an application's identity": ["intact no-timestamp not-notarized wrong-purpose", () => signed("application")],
    "without anybody's root": [
      "intact no-timestamp not-notarized timestamp-untrusted unknown-signer",
      () => signed("installer"),
      { roots: [] },
    ],
    "after its certificate's end": [
      "intact expired no-timestamp not-notarized",
      () => signed("without-timestamp"),
      { now: new Date("2030-01-01") },
    ],
    "after its certificate's end, with a timestamp": [
      "intact trusted not-notarized",
      () => signed("installer"),
      { now: new Date("2030-01-01") },
    ],
    "before its certificate's beginning": [
      "intact no-timestamp not-notarized not-yet-valid",
      () => signed("without-timestamp"),
      { now: new Date("2021-01-01") },
    ],
    "with a key that is not the certificate's": [
      "no-timestamp not-notarized signature-mismatch weak-algorithm",
      () => signPkg({ key: "development" }),
    ],
    "without the authority's certificate": [
      "intact chain-incomplete no-timestamp not-notarized weak-algorithm",
      () => signPkg({ by: ["installer"] }),
    ],
    "without any certificate": ["malformed", () => signPkg({ by: [], key: "installer" })],
    "whose files have no checksums": ["no-timestamp not-notarized uncovered weak-algorithm", () => signPkg({ fileChecksums: "none" })],
    "whose table has no checksum, though its header says so": ["malformed", () => signPkg({ checksumStyle: "none" })],
    "with another checksum in the heap": [
      "digest-mismatch no-timestamp not-notarized weak-algorithm",
      () => signPkg({ wrongChecksum: true }),
    ],
    "with bytes behind it": ["uncovered", () => Buffer.concat([signed("installer"), Buffer.from("hidden")])],
    "with bytes behind it that look like a ticket's end": [
      "uncovered",
      () => Buffer.concat([signed("installer"), Buffer.from("t8lr"), Buffer.alloc(28)]),
    ],
    "with bytes between its files": ["no-timestamp not-notarized uncovered weak-algorithm", () => signPkg({ gap: Buffer.alloc(9, 1) })],
    "with zeros between its files": ["intact trusted no-timestamp not-notarized weak-algorithm", () => signPkg({ gap: Buffer.alloc(9) })],
    "cut short": ["digest-mismatch not-notarized", () => signed("installer").subarray(0, -4)],
    "cut in its table": ["malformed", () => signed("installer").subarray(0, 200)],
    "whose two signatures are by different signers": [
      "contradiction no-timestamp not-notarized unknown-signer weak-algorithm wrong-purpose",
      () => signPkg({ message: "stranger" }),
    ],
    "whose second signature is a message of another table": [
      "chain-incomplete digest-mismatch no-timestamp not-notarized weak-algorithm",
      () => withMessageOf(signPkg({ message: "installer" }), signPkg({ message: "installer", fileChecksums: "sha256" })),
    ],
    "with something behind its message": [
      "no-timestamp not-notarized uncovered",
      () => flipped(signed("installer"), signed("installer").indexOf("<?xml", heapAt(signed("installer"))) - 1),
    ],
    "of another version": ["malformed", () => flipped(signed("installer"), 7)],
    "whose header names another checksum": ["malformed", () => flipped(signed("installer"), 27)],
  };
  for (const [name, [state, bytes, options]] of Object.entries(cases))
    it(`${name}: ${state}`, async () => assert.equal(stateOf(await verify(bytes(), options)), state));
});

describe("one byte of a signed installer changed", () => {
  const whole = signed("installer");
  const heap = heapAt(whole);
  const xml = { rsa: heap + 20, cms: heap + 20 + 256 };
  const at = (text: string): number => whole.lastIndexOf(text);
  const regions: Readonly<Record<string, number>> = {
    "the magic": 0,
    "the header's length": 5,
    "the table's stored length": 15,
    "the table's own length": 23,
    "the table's first byte": 28,
    "the table in the middle": 28 + ((heap - 28) >> 1),
    "the table's last byte": heap - 1,
    "the checksum's first byte": heap,
    "the checksum's last byte": heap + 19,
    "the RSA signature's first byte": xml.rsa,
    "the RSA signature's last byte": xml.rsa + 255,
    "the message's first byte": xml.cms,
    "the message's content type": at(Buffer.from("06092a864886f70d010903", "hex").toString("latin1")) + 8,
    PackageInfo: at("<pkg-info") + 3,
    "the payload's first byte": at("payload payload"),
    "the payload in the middle": whole.indexOf("payload payload") + 1500,
    "the scripts": at("scripts"),
    "the bill of materials": at("list of files"),
    "the last byte": whole.length - 1,
  };
  for (const [name, offset] of Object.entries(regions))
    it(`${name}: is not intact`, async () => {
      assert.ok(offset >= 0, name);
      assert.equal((await verify(flipped(whole, offset))).intact, false);
    });
});

describe("a notarization ticket", () => {
  const whole = signPkg();
  const own = writeTicket({ hashes: [`2:${"00".repeat(20)}`, tableHash(whole)] });
  const details = async (bytes: Buffer): Promise<unknown> => (await verify(bytes)).signatures[0]?.details?.["notarized"];

  it("that lists it, by whom tickets are signed: it is notarized", async () => {
    const verdict = await verify(staple(whole, own));
    assert.equal(stateOf(verdict), "intact trusted no-timestamp weak-algorithm");
    assert.deepEqual(
      [verdict.signatures[0]?.details?.["notarized"], verdict.signatures[0]?.details?.["notarizedAt"]],
      [true, "2025-06-01T12:30:00Z"],
    );
  });

  const refused: Readonly<Record<string, () => Buffer>> = {
    "of another installer": () => writeTicket({ hashes: [`1:${"00".repeat(20)}`] }),
    "that lists its hash as another kind": () => writeTicket({ hashes: [tableHash(whole).replace("1:", "2:")] }),
    "that lists nothing": () => writeTicket({ hashes: [] }),
    "by a developer": () =>
      writeTicket({ hashes: [tableHash(whole)], certificates: ["developer-id", "developer-id-authority"], key: "developer-id" }),
    "whose list was changed": () => flipped(own, own.lastIndexOf("g8tk") + 30),
    "whose signature was changed": () => flipped(own, own.length - 20),
    "that is none": () => Buffer.alloc(64, 1),
  };
  for (const [name, ticket] of Object.entries(refused))
    it(`${name}: it is not`, async () => {
      assert.equal(await details(staple(whole, ticket())), false);
      assert.match(stateOf(await verify(staple(whole, ticket()))), /not-notarized/);
    });

  it("of a signature that does not hold changes nothing", async () => {
    const verdict = await verify(staple(flipped(whole, whole.length - 1), own));
    assert.equal(verdict.intact, false);
  });
});

describe("damaged installers", () => {
  it("have a verdict, and none that is intact is another file", () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom("installer", "stranger"), damages, async (name, change) => {
        const whole = signed(name);
        const bytes = damage(whole, change);
        const verdict = await verify(bytes);
        if (verdict.intact !== true) return;
        // Of a message only what is signed is covered: table and files are the same.
        const files = whole.indexOf("<?xml", heapAt(whole));
        assert.ok(whole.subarray(0, heapAt(whole) + 276).equals(bytes.subarray(0, heapAt(whole) + 276)));
        assert.ok(whole.subarray(files).equals(bytes.subarray(files)));
      }),
      { seed: SEED, numRuns: RUNS },
    ));
});

describeAgreement({
  about: "verdicts",
  tool: "the RSA check of its table",
  folders: ["pkg"],
  includes: (path) => path.endsWith(".pkg"),
  async rowsOf(source, truth, path) {
    const verdict = await verifyArtifact(source, { format: "pkg", fileName: path, now: NOW });
    const checks = (truth["own_toc"]?.signatures ?? []) as readonly { readonly rsaSignatureOK?: boolean }[];
    return [
      ["signatures", verdict.signatures.length, checks.length],
      ["intact", verdict.intact, checks.find(({ rsaSignatureOK }) => rsaSignatureOK !== undefined)?.rsaSignatureOK],
    ];
  },
  exceptions: {},
});
