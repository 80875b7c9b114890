import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { watch } from "../../test-support/watching-source.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import type { Verdict } from "../verdict.ts";
import { kindOfList } from "./list-names.ts";
import { parseRows, rowsOf } from "./rows.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/checksums");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const file = (name: string): Buffer => readFileSync(join(FOLDER, name));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", name), "latin1");
const [KEY, STRANGER, MINISIGN, MINISIGN_STRANGER] = ["test.asc", "stranger.asc", "test.pub", "stranger.pub"].map(keyOf) as [
  string,
  string,
  string,
  string,
];
const notes = file("notes.txt");
const LIST = file("SHA256SUMS");
const hex = (bytes: Uint8Array, name = "sha256"): string => createHash(name).update(bytes).digest("hex");

type Beside = Readonly<Record<string, Uint8Array>>;
interface Asked {
  readonly keys?: readonly string[];
  readonly content?: Uint8Array;
  readonly fileName?: string;
  readonly format?: string;
  readonly now?: Date;
}

function verify(
  beside: Beside,
  { keys = [], content = notes, fileName = "notes.txt", format = "file", now }: Asked = {},
): Promise<Verdict> {
  return verifyArtifact(memorySource(content), {
    format,
    fileName,
    now: now ?? new Date("2026-06-01"),
    trust: { certificates: [], keys, revoked: new Set() },
    beside: new Map(Object.entries(beside).map(([name, bytes]) => [name, memorySource(bytes)])),
  });
}
const state = async (beside: Beside, asked?: Asked): Promise<string> => stateOf(await verify(beside, asked));
const text = (content: string): Buffer => Buffer.from(content);

const CLEAR = file("SHA256SUMS.clear.asc");
const [ASC, GPG, MINISIG] = [file("SHA256SUMS.asc"), file("SHA256SUMS.gpg"), file("SHA256SUMS.minisig")];

/** What lies beside the file → the verdict. */
const HELD: Readonly<Record<string, readonly [wanted: string, beside: Beside, asked?: Asked]>> = {
  "GNU's form": ["intact nobody", { SHA256SUMS: LIST }],
  "GNU's form, binary": ["intact nobody", { SHA512SUMS: file("SHA512SUMS") }],
  "BSD's form": ["intact nobody", { "lantern_1.0.0_checksums.txt": file("lantern_1.0.0_checksums.txt") }],
  "openssl's form": ["intact nobody", { SHA256SUMS: text(`SHA2-256(notes.txt)= ${hex(notes)}\n`) }],
  "a list of the file alone": ["intact nobody", { "notes.txt.sha256": file("notes.txt.sha256") }],
  "the digest alone": ["intact nobody", { "notes.txt.sha512": file("notes.txt.sha512") }],
  "both at once": ["intact nobody", { SHA256SUMS: LIST, SHA512SUMS: file("SHA512SUMS"), "notes.txt.sha512": file("notes.txt.sha512") }],
  "lines that end as on Windows, capitals": [
    "intact nobody",
    { SHA256SUMS: text(`${"0".repeat(64)}  a\r\n${hex(notes).toUpperCase()} *notes.txt\r\n`) },
  ],
  "an escaped name": ["intact nobody", { "escaped.sha256sum": file("escaped.sha256sum") }, { fileName: "back\\slash.txt" }],
  "./ in front": ["intact nobody", { SHA256SUMS: text(`${hex(notes)}  ./notes.txt\n`) }],
  "a folder in front": ["intact nobody", { "prefixed.sha256sum": file("prefixed.sha256sum") }],
  "two folders, one of which holds it": [
    "intact nobody",
    { SHA256SUMS: text(`${"1".repeat(64)}  arm64/notes.txt\n${hex(notes)}  amd64/notes.txt\n`) },
  ],
  "its own name before those in folders": [
    "intact nobody",
    { SHA256SUMS: text(`${"1".repeat(64)}  old/notes.txt\n${hex(notes)}  notes.txt\n`) },
  ],
  "a name that is not ASCII": ["intact nobody", { SHA256SUMS: text(`${hex(notes)}  año.txt\n`) }, { fileName: "año.txt" }],
  "signed with OpenPGP": ["intact trusted", { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC }, { keys: [STRANGER, KEY] }],
  "signed with OpenPGP, binary": ["intact trusted", { SHA256SUMS: LIST, "SHA256SUMS.gpg": GPG }, { keys: [KEY] }],
  "signed with OpenPGP, .sign": ["intact trusted", { SHA256SUMS: LIST, "SHA256SUMS.sign": ASC }, { keys: [KEY] }],
  "signed with minisign": ["intact trusted", { SHA256SUMS: LIST, "SHA256SUMS.minisig": MINISIG }, { keys: [MINISIGN] }],
  "signed with both": [
    "intact trusted",
    { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC, "SHA256SUMS.minisig": MINISIG },
    { keys: [KEY, MINISIGN] },
  ],
  "signed in place": ["intact trusted", { "SHA256SUMS.asc": CLEAR }, { keys: [KEY] }],
  "signed in place, under its own name": ["intact trusted", { SHA256SUMS: CLEAR }, { keys: [KEY] }],
  "signed, with one of another family beside": [
    "intact trusted",
    { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC, "SHA256SUMS.sig": text("MEUCIQDx\n") },
    { keys: [KEY] },
  ],
  "one list signed, another not": [
    "intact trusted nobody",
    { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC, SHA512SUMS: file("SHA512SUMS") },
    { keys: [KEY] },
  ],
};

describe("a list of digests", () => {
  for (const [name, [wanted, beside, asked]] of Object.entries(HELD))
    it(`${name}: ${wanted}`, async () => assert.equal(await state(beside, asked), wanted));

  it("tells of files of every format", async () => {
    for (const format of ["tarball", "deb", "exe", "oci"]) assert.match(await state({ SHA256SUMS: LIST }, { format }), /nobody/);
  });

  it("names the list, and who signed it", async () => {
    const { signatures } = await verify({ SHA256SUMS: LIST, "SHA256SUMS.asc": ASC }, { keys: [KEY] });
    assert.deepEqual(
      signatures.map(({ scheme, signer, details }) => [scheme, signer?.name, details?.["where"], details?.["list"]]),
      [["openpgp", "Test test, never trust it", "SHA256SUMS.asc", "SHA256SUMS"]],
    );
  });

  it("has the file read once, whatever the number of lists; and not at all where none tells of it", async () => {
    const read = async (beside: Beside): Promise<number> => {
      const watched = watch(memorySource(notes));
      const files = new Map(Object.entries(beside).map(([name, bytes]) => [name, memorySource(bytes)]));
      await verifyArtifact(watched, { format: "deb", fileName: "other", now: new Date("2026-06-01"), beside: files });
      return watched.bytesRead;
    };
    const row = (name: string): Buffer => text(`${hex(notes, name)}  other\n`);
    const nothing = await read({});
    assert.equal(await read({ SHA256SUMS: row("sha256"), SHA512SUMS: row("sha512"), SHA384SUMS: row("sha384") }), notes.length);
    assert.equal(await read({ SHA256SUMS: LIST }), nothing);
  });
});

/** What lies beside the file → the verdict. `unsigned`: neither answer. */
const REFUSED: Readonly<Record<string, readonly [wanted: string, beside: Beside, asked?: Asked]>> = {
  "no list": ["unsigned", {}],
  "a list of other files": ["unsigned", { SHA256SUMS: text(`${hex(notes)}  notes.txt.gz\n${hex(notes)}  more/notes.txt.gz\n`) }],
  "a name that ends as the file's does": ["unsigned", { SHA256SUMS: text(`${hex(notes)}  my-notes.txt\n`) }],
  "an empty list": ["unsigned", { SHA256SUMS: Buffer.alloc(0) }],
  "something else of that name": ["unsigned", { "checksums.txt": text("see the web site\n") }],
  "a digest alone in a list of a folder": ["unsigned", { SHA256SUMS: text(`${hex(notes)}\n`) }],
  "two digests alone": ["unsigned", { "notes.txt.sha256": text(`${hex(notes)}\n${hex(notes)}\n`) }],
  "a digest that is cut short": ["malformed", { "notes.txt.sha256": text(`${hex(notes).slice(1)}  notes.txt\n`) }],
  "the file's own list, empty": ["malformed", { "notes.txt.sha256": Buffer.alloc(0) }],
  "an escape that is not known": ["malformed", { "notes.txt.sha256": text(`\\${hex(notes)}  no\\tes.txt\n`) }],
  "a list of another folder's name": ["unsigned", { "SHA256SUMS.old": LIST }],
  "the list of another file": ["unsigned", { "other.txt.sha256": text(`${hex(notes)}\n`) }],
  "another file": ["digest-mismatch", { SHA256SUMS: LIST }, { content: file("other.txt") }],
  "a longer file": ["digest-mismatch", { SHA256SUMS: LIST }, { content: Buffer.concat([notes, Buffer.of(0)]) }],
  "an empty file": ["digest-mismatch", { SHA512SUMS: file("SHA512SUMS") }, { content: Buffer.alloc(0) }],
  "another file under the digest alone": [
    "digest-mismatch",
    { "notes.txt.sha512": file("notes.txt.sha512") },
    { content: file("other.txt") },
  ],
  "one of two lists": ["digest-mismatch nobody", { SHA256SUMS: LIST, SHA512SUMS: text(`${"0".repeat(128)}  notes.txt\n`) }],
  "two digests that differ": ["contradiction", { SHA256SUMS: Buffer.concat([LIST, text(`${"0".repeat(64)}  notes.txt\n`)]) }],
  "a digest of another kind than its tag": ["unsigned", { SHA256SUMS: text(`SHA256 (notes.txt) = ${hex(notes, "sha512")}\n`) }],
  "none of two folders": ["digest-mismatch", { SHA256SUMS: text(`${"1".repeat(64)}  a/notes.txt\n${"2".repeat(64)}  b/notes.txt\n`) }],
  "signed, no key": ["intact unknown-signer", { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC }],
  "signed, another key": ["intact unknown-signer", { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC }, { keys: [STRANGER] }],
  "signed by a stranger": [
    "intact unknown-signer",
    { SHA256SUMS: LIST, "SHA256SUMS.asc": file("SHA256SUMS.stranger.asc") },
    { keys: [KEY] },
  ],
  "signed with minisign, another key": [
    "intact unknown-signer",
    { SHA256SUMS: LIST, "SHA256SUMS.minisig": MINISIG },
    { keys: [MINISIGN_STRANGER] },
  ],
  "signed in place, no key": ["intact unknown-signer", { "SHA256SUMS.asc": CLEAR }],
  "a signature without its list": ["unsigned", { "SHA256SUMS.asc": ASC }, { keys: [KEY] }],
  "signed, another list": [
    "digest-mismatch",
    { SHA256SUMS: Buffer.concat([LIST, text(`${"0".repeat(64)}  more.txt\n`)]), "SHA256SUMS.asc": ASC },
    { keys: [KEY] },
  ],
  "signed, another list, no key": ["digest-mismatch", { SHA256SUMS: LIST.subarray(0, 70 + 7), "SHA256SUMS.asc": ASC }],
  "signed, another list under minisign": [
    "signature-mismatch",
    { SHA256SUMS: LIST.subarray(0, 76), "SHA256SUMS.minisig": MINISIG },
    { keys: [MINISIGN] },
  ],
  "signed, another file": ["digest-mismatch", { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC }, { keys: [KEY], content: file("other.txt") }],
  "signed in place, another file": ["digest-mismatch", { "SHA256SUMS.asc": CLEAR }, { keys: [KEY], content: file("other.txt") }],
  "signed in place, a line more": [
    "digest-mismatch",
    { SHA256SUMS: text(CLEAR.toString().replace("-----BEGIN PGP SIGNATURE", `${"0".repeat(64)}  more.txt\n-----BEGIN PGP SIGNATURE`)) },
    { keys: [KEY] },
  ],
  "lines in front of what is signed": [
    "unsigned",
    { SHA256SUMS: Buffer.concat([text(`${hex(file("other.txt"))}  x\n`), CLEAR.subarray(0, 60)]) },
  ],
  "lines behind what is signed": ["malformed", { SHA256SUMS: Buffer.concat([CLEAR, text(`${hex(notes)}  notes.txt\n`)]) }, { keys: [KEY] }],
  "an empty signature": ["malformed", { SHA256SUMS: LIST, "SHA256SUMS.asc": Buffer.alloc(0) }, { keys: [KEY] }],
  "a key as signature": ["malformed", { SHA256SUMS: LIST, "SHA256SUMS.asc": text(KEY) }, { keys: [KEY] }],
  "a very long signature": ["unsupported", { SHA256SUMS: LIST, "SHA256SUMS.gpg": Buffer.alloc(300_000, 0xff) }, { keys: [KEY] }],
  "half a minisign signature": ["malformed", { SHA256SUMS: LIST, "SHA256SUMS.minisig": MINISIG.subarray(0, 60) }, { keys: [MINISIGN] }],
  "a signature from the future": [
    "intact not-yet-valid",
    { SHA256SUMS: LIST, "SHA256SUMS.asc": ASC },
    { keys: [KEY], now: new Date("2025-01-01") },
  ],
};

describe("what is not trusted", () => {
  for (const [name, [wanted, beside, asked]] of Object.entries(REFUSED))
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(beside, asked);
      assert.equal(stateOf(verdict), wanted);
      assert.notEqual(verdict.trusted, true);
    });

  it("a list that is too long", async () => {
    const long = Buffer.alloc(5 * 1024 * 1024, "#\n");
    assert.equal(await state({ SHA256SUMS: long }), "unsupported");
  });
  it("more lists than are read", async () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}_SHA256SUMS`, LIST]));
    assert.equal(await state(many), "unsupported");
  });
});

describe("names of lists", () => {
  const kinds: Readonly<Record<string, ReturnType<typeof kindOfList>>> = {
    SHA256SUMS: "folder",
    "sha512sums.txt": "folder",
    sha256sum: "folder",
    "terraform_1.0.0_SHA256SUMS": "folder",
    "checksums.txt": "folder",
    "app.checksum": "folder",
    "notes.txt.sha256": "file",
    "notes.txt.SHA512SUM": "file",
    "notes.txt.sha256.txt": "file",
    "notes.txt.md5": undefined,
    MD5SUMS: undefined,
    SHA1SUMS: undefined,
    "notes.txt": undefined,
    "notes.txt.sha256.bak": undefined,
    notasha256sums: undefined,
    "SHA256SUMS.asc": undefined,
  };
  for (const [name, kind] of Object.entries(kinds))
    it(`${name}: ${kind ?? "none"}`, () => assert.equal(kindOfList(name, "notes.txt"), kind));
  it("are not the file's own", () => assert.equal(kindOfList("SHA256SUMS", "SHA256SUMS"), undefined));
});

describe("one flipped bit", () => {
  const at = (list: Buffer, part: string): number => list.indexOf(part);
  /** Region → list, where, and the verdict. `asc`: its signature with the key. */
  const regions: Readonly<Record<string, readonly [list: Buffer, at: number, alone: string, signed: string]>> = {
    "the digest's first digit": [LIST, 0, "digest-mismatch", "digest-mismatch"],
    "the digest's last digit": [LIST, 63, "digest-mismatch", "digest-mismatch"],
    "the blank between": [LIST, 64, "unsigned", "unsigned"],
    "the name": [LIST, at(LIST, "notes"), "unsigned", "unsigned"],
    "another's digest": [LIST, at(LIST, "other") - 10, "intact nobody", "digest-mismatch"],
    "another's name": [LIST, at(LIST, "other"), "intact nobody", "digest-mismatch"],
    "the last line's end": [LIST, LIST.length - 1, "intact nobody", "digest-mismatch"],
  };
  for (const [region, [list, place, alone, signed]] of Object.entries(regions)) {
    it(`${region}: alone ${alone}`, async () => assert.equal(await state({ SHA256SUMS: flipped(list, place) }), alone));
    it(`${region}: signed ${signed}`, async () => {
      assert.equal(await state({ SHA256SUMS: flipped(list, place), "SHA256SUMS.asc": ASC }, { keys: [KEY] }), signed);
    });
  }
  for (const place of [0, 2000, notes.length - 1])
    it(`byte ${place} of the file: digest-mismatch`, async () => {
      for (const [, beside, asked] of Object.values(HELD)) {
        if (asked?.fileName !== undefined) continue;
        const found = await verify(beside, { ...asked, content: flipped(notes, place) });
        assert.deepEqual([found.intact, found.trusted, stateOf(found).split(" ")[0]], [false, false, "digest-mismatch"]);
      }
    });
  it("of the signature's value: signature-mismatch", async () => {
    assert.equal(await state({ SHA256SUMS: LIST, "SHA256SUMS.gpg": flipped(GPG, GPG.length - 2) }, { keys: [KEY] }), "signature-mismatch");
  });
  it("of the text signed in place", async () => {
    const body = CLEAR.indexOf(hex(notes));
    for (const place of [body, body + 70, CLEAR.indexOf("other")])
      assert.notEqual((await verify({ "SHA256SUMS.asc": flipped(CLEAR, place) }, { keys: [KEY] })).trusted, true);
  });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    const files: Readonly<Record<string, Buffer>> = {
      SHA256SUMS: LIST,
      "SHA256SUMS.asc": ASC,
      "SHA256SUMS.gpg": GPG,
      "SHA256SUMS.minisig": MINISIG,
      "notes.txt.sha512": file("notes.txt.sha512"),
      "checksums.txt": CLEAR,
    };
    for (const name of Object.keys(files))
      await fc.assert(
        fc.asyncProperty(damages, async (list) => {
          const { intact, trusted } = await verify({ ...files, [name]: damage(files[name] ?? notes, list) }, { keys: [KEY, MINISIGN] });
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
  });
});

const hasSha256sum = spawnSync("sha256sum", ["--version"]).status === 0;
describe("agreement with sha256sum", { skip: hasSha256sum ? false : "no sha256sum here" }, () => {
  it("over lines as it writes them and with every bit of a byte turned", () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-sums-"));
    try {
      writeFileSync(join(folder, "notes.txt"), notes);
      const lines = [`${hex(notes)}  notes.txt\n`, `SHA256 (notes.txt) = ${hex(notes)}\n`, `${hex(notes).toUpperCase()} *./notes.txt\n`];
      const differing: string[] = [];
      for (const line of lines)
        for (let at = -1; at < line.length; at += 1) {
          const own = at < 0 ? text(line) : flipped(text(line), at);
          writeFileSync(join(folder, "SUMS"), own);
          const theirs = spawnSync("sha256sum", ["--check", "--status", "SUMS"], { cwd: folder }).status === 0;
          // In whatever folder else: sha256sum would look there.
          const { rows, isExact } = rowsOf(parseRows(own.toString().split("\n")), "notes.txt", false);
          const ours = isExact && rows.every(({ hash, digest }) => hex(notes, hash) === digest);
          if (ours !== theirs) differing.push(JSON.stringify(own.toString()));
        }
      assert.deepEqual(differing, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
