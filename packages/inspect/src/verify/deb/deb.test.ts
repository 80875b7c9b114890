import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { type ArMember, readAr } from "../../ar/read-ar.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { openPgpSigner } from "../../test-support/openpgp-signer.ts";
import { watch } from "../../test-support/watching-source.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import { readArmor } from "../openpgp/armor.ts";
import { readClearText } from "../openpgp/clear-text.ts";
import type { Verdict } from "../verdict.ts";
import { parseMemberList } from "./member-list.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/deb");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const packageOf = (name: string): Buffer => readFileSync(join(FOLDER, `${name}.deb`));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", `${name}.asc`), "latin1");
const [ORIGIN, BUILDER, STRANGER] = [keyOf("origin"), keyOf("builder"), keyOf("stranger")];

/** File → keys that made its signatures, its schemes, the verdict with those keys. */
const SIGNED: Readonly<Record<string, readonly [keys: readonly string[], schemes: readonly string[], state: string]>> = {
  origin: [[ORIGIN], ["debsigs"], "intact trusted"],
  armoured: [[ORIGIN], ["debsigs"], "intact trusted"],
  "origin-and-archive": [[ORIGIN, BUILDER], ["debsigs", "debsigs"], "intact trusted"],
  builder: [[BUILDER], ["dpkg-sig"], "intact trusted weak-algorithm"],
  "two-builders": [[BUILDER, ORIGIN], ["dpkg-sig", "dpkg-sig"], "intact trusted weak-algorithm"],
  both: [[BUILDER, ORIGIN], ["debsigs", "dpkg-sig"], "intact trusted weak-algorithm"],
};

function verify(bytes: Uint8Array, keys: readonly string[] = [], now = new Date("2026-06-01")): Promise<Verdict> {
  const trust = { certificates: [], keys, revoked: new Set<string>() };
  return verifyArtifact(memorySource(bytes), { format: "deb", fileName: "a.deb", now, trust });
}
const state = async (bytes: Uint8Array, keys: readonly string[]): Promise<string> => stateOf(await verify(bytes, keys));

interface Member {
  readonly name: string;
  readonly content: Uint8Array;
}

async function membersOf(bytes: Buffer): Promise<readonly Member[]> {
  const members = await readAr(memorySource(bytes), 64);
  return members.map(({ name, offset, bytes: length }) => ({ name, content: bytes.subarray(offset, offset + length) }));
}

function archive(members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ name, content }) => {
    const head = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
    return [Buffer.from(head), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

async function changed(name: string, change: (members: Member[]) => readonly Member[]): Promise<Buffer> {
  return archive(change([...(await membersOf(packageOf(name)))]));
}

describe("a signed package", () => {
  for (const [name, [keys, schemes, wanted]] of Object.entries(SIGNED)) {
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(packageOf(name), [STRANGER, ...keys]);
      assert.equal(stateOf(verdict), wanted);
      assert.deepEqual(
        verdict.signatures.map(({ scheme }) => scheme),
        schemes,
      );
      assert.ok(verdict.signatures.every(({ signer }) => /^Test (?:origin|builder), never trust it$/.test(signer?.name ?? "")));
    });
  }

  it("by one of two whose key was given: the other says nothing", async () => {
    assert.equal(await state(packageOf("origin-and-archive"), [BUILDER]), "intact trusted ignored");
    assert.equal(await state(packageOf("both"), [ORIGIN]), "intact trusted ignored");
    assert.equal(await state(packageOf("both"), [BUILDER]), "intact trusted ignored weak-algorithm");
  });

  it("says where a signature stands and what it is for", async () => {
    const { signatures } = await verify(packageOf("both"), [BUILDER, ORIGIN]);
    assert.deepEqual(
      signatures.map(({ details }) => [details?.["where"], details?.["role"]]),
      [
        ["_gpgorigin", undefined],
        ["_gpgbuilder", "builder"],
      ],
    );
  });

  it("is read once, and not at all when nobody signed it", async () => {
    const read = async (name: string): Promise<readonly [read: number, size: number]> => {
      const watched = watch(memorySource(packageOf(name)));
      const trust = { certificates: [], keys: [ORIGIN, BUILDER], revoked: new Set<string>() };
      await verifyArtifact(watched, { format: "deb", fileName: "a.deb", now: new Date("2026-06-01"), trust });
      return [watched.bytesRead, watched.size];
    };
    for (const name of ["origin", "builder", "both"]) {
      const [bytes, size] = await read(name);
      // The signatures themselves are read, and where a list covers one, hashed.
      assert.ok(bytes <= size + 1024, `${name}: ${bytes} of ${size}`);
    }
    assert.ok((await read("unsigned"))[0] < 300);
  });
});

/** What is given → the verdict. `unsigned`: neither answer. */
const REFUSED: Readonly<Record<string, readonly [wanted: string, bytes: () => Buffer | Promise<Buffer>, keys: readonly string[]]>> = {
  "nothing signed": ["unsigned", () => packageOf("unsigned"), [ORIGIN]],
  "debsigs, no key": ["unsigned", () => packageOf("origin"), []],
  "debsigs, another key": ["unsigned", () => packageOf("origin"), [STRANGER]],
  "dpkg-sig, no key": ["unsigned", () => packageOf("builder"), []],
  "dpkg-sig, another key": ["unsigned", () => packageOf("builder"), [STRANGER]],
  "another package's debsigs": ["digest-mismatch", () => graft("origin", "unsigned"), [ORIGIN]],
  "another package's dpkg-sig": ["digest-mismatch uncovered", () => graft("builder", "origin"), [BUILDER]],
  "another package's dpkg-sig, and no key": ["digest-mismatch uncovered unknown-signer", () => graft("builder", "origin"), []],
  "a signature that is none": ["malformed", () => withSignature("_gpgorigin", Buffer.from([0x89, 1, 2, 3])), [ORIGIN]],
  "an empty one": ["malformed", () => withSignature("_gpgorigin", Buffer.alloc(0)), [ORIGIN]],
  "a text that is no list": ["malformed", () => withSignature("_gpgbuilder", Buffer.from("all is well\n")), [BUILDER]],
  "a very long one": ["unsupported", () => withSignature("_gpgorigin", Buffer.alloc(300_000)), [ORIGIN]],
  "a key in its place": ["malformed", () => withSignature("_gpgorigin", Buffer.from(ORIGIN)), [ORIGIN]],
  "the list in another role": ["contradiction", () => renamed("_gpgbuilder", "_gpgorigin"), [BUILDER]],
  "the list under a longer name": ["contradiction", () => renamed("_gpgbuilder", "_gpgbuilder22"), [BUILDER]],
  "a member that is not listed": [
    "uncovered weak-algorithm",
    () => changed("builder", (members) => [...members, { name: "more.tar", content: Buffer.from("x") }]),
    [BUILDER],
  ],
  "a member behind data.tar": [
    "uncovered",
    () => changed("origin", (members) => [...members, { name: "data.zip", content: Buffer.from("x") }]),
    [ORIGIN],
  ],
  "a second control.tar behind data.tar": [
    "uncovered",
    () => changed("origin", (members) => [...members, { name: "control.tar.xz", content: Buffer.from("x") }]),
    [ORIGIN],
  ],
  "two members of one name": ["malformed", () => changed("origin", (members) => [...members, ...members.slice(-1)]), [ORIGIN]],
  "data before control": [
    "malformed",
    () => changed("origin", ([version, control, data, ...rest]) => [version, data, control, ...rest] as Member[]),
    [ORIGIN],
  ],
  "control.tar that is not there": ["malformed", () => changed("origin", (members) => members.toSpliced(1, 1)), [ORIGIN]],
  "a signed member that is not there": [
    "digest-mismatch",
    () => changed("two-builders", (members) => members.filter(({ name }) => name !== "_gpgbuilder")),
    [BUILDER, ORIGIN],
  ],
  "a listed signature that was changed": [
    "digest-mismatch weak-algorithm",
    () => changed("two-builders", (members) => members.map((one) => (one.name === "_gpgbuilder" ? { ...one, content: spaced(one) } : one))),
    [BUILDER, ORIGIN],
  ],
  "bytes moved from control.tar to data.tar": [
    "digest-mismatch",
    () => changed("builder", ([version, control, data, ...rest]) => [version, ...moved(control, data), ...rest] as Member[]),
    [BUILDER],
  ],
  "no archive": ["malformed", () => Buffer.from("!<arch>"), [ORIGIN]],
};

async function graft(from: string, to: string): Promise<Buffer> {
  const signatures = (await membersOf(packageOf(from))).filter(({ name }) => name.startsWith("_gpg"));
  return changed(to, (members) => [...members.filter(({ name }) => !name.startsWith("_gpg")), ...signatures]);
}

function withSignature(name: string, content: Uint8Array): Promise<Buffer> {
  return changed("unsigned", (members) => [...members, { name, content }]);
}

function renamed(from: string, to: string): Promise<Buffer> {
  return changed("builder", (members) => members.map((one) => (one.name === from ? { ...one, name: to } : one)));
}

/** The same signed text, blank at the end of a line: the signature over it holds still. */
function spaced({ content }: Member): Buffer {
  return Buffer.from(Buffer.from(content).toString("latin1").replace("Version: 4\n", "Version: 4  \n"), "latin1");
}

function moved(control: Member | undefined, data: Member | undefined): readonly Member[] {
  assert.ok(control && data);
  const head = control.content.subarray(0, control.content.length - 4);
  return [
    { ...control, content: head },
    { ...data, content: Buffer.concat([control.content.subarray(head.length), data.content]) },
  ];
}

describe("what is not trusted", () => {
  for (const [name, [wanted, bytes, keys]] of Object.entries(REFUSED))
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(await bytes(), keys);
      assert.equal(stateOf(verdict), wanted);
      assert.notEqual(verdict.trusted, true);
      if (name.includes("key") && wanted === "unsigned") assert.equal(verdict.signatures[0]?.problems[0]?.code, "signing/unknown-signer");
    });

  it("bytes moved between members are seen by dpkg-sig's list alone: debsigs signs them as one", async () => {
    const both = await changed("both", ([version, control, data, ...rest]) => [version, ...moved(control, data), ...rest] as Member[]);
    // Whatever the list's key: these are not the bytes it lists.
    assert.equal(await state(both, [ORIGIN]), "digest-mismatch unknown-signer");
    assert.equal(await state(both, [ORIGIN, BUILDER]), "digest-mismatch");
    const origin = await changed("origin", ([version, control, data, ...rest]) => [version, ...moved(control, data), ...rest] as Member[]);
    assert.equal(await state(origin, [ORIGIN]), "intact trusted");
  });

  it("a member that dpkg passes over is said", async () => {
    const bytes = await changed("origin", (members) => [...members, { name: "_notes", content: Buffer.from("x") }]);
    assert.equal(await state(bytes, [ORIGIN]), "intact trusted partial");
  });

  it("a signature from the future: not-yet-valid", async () => {
    for (const name of ["origin", "builder"])
      assert.match(stateOf(await verify(packageOf(name), [ORIGIN, BUILDER], new Date("2025-01-01"))), /^intact not-yet-valid/);
  });

  it("a signature that is not over the three members, one behind the other", async () => {
    const signer = openPgpSigner("Test, never trust it");
    const members = await membersOf(packageOf("unsigned"));
    const parts = members.map(({ content }) => content);
    const over = async (...signed: readonly Uint8Array[]): Promise<string> =>
      state(archive([...members, { name: "_gpgorigin", content: signer.sign(Buffer.concat(signed)) }]), [signer.key]);
    assert.equal(await over(...parts), "intact trusted");
    assert.equal(await over(...parts.toReversed()), "digest-mismatch");
    assert.equal(await over(...parts.slice(1)), "digest-mismatch");
    assert.equal(await over(...parts.slice(0, 2)), "digest-mismatch");
  });
});

describe("a list of members", () => {
  const text = (...lines: readonly string[]): readonly string[] => ["Version: 4", "Role: builder", "Files:", ...lines];
  const row = `${"0".repeat(32)} ${"0".repeat(40)} 4 debian-binary`;
  it("is read as dpkg-sig and nfpm write it", () => {
    const wanted = { role: "builder", members: [{ md5: "0".repeat(32), sha1: "0".repeat(40), bytes: 4, name: "debian-binary" }] };
    assert.deepEqual(parseMemberList(text(`\t${row}`)), wanted);
    assert.deepEqual(parseMemberList(["", "Hash: SHA1", "", ...text(`  ${row}`)]), wanted);
  });
  it("of another version is not known here", () => {
    assert.equal(parseMemberList(["Version: 5", "Role: builder"]), undefined);
    assert.equal(parseMemberList([]), undefined);
  });
  for (const [name, lines] of Object.entries({
    "a digest is cut short": text(`\t${row.slice(1)}`),
    "a size is none": text(`\t${row.replace(" 4 ", " -4 ")}`),
    "a name has a space": text(`\t${row} x`),
    "a field is there twice": [...text(`\t${row}`), "Role: origin"],
    "there are too many": text(...Array.from({ length: 65 }, () => `\t${row}`)),
  }))
    it(`is refused when ${name}`, () => assert.throws(() => parseMemberList(lines), { code: "artifact/broken" }));
});

describe("a text signed in place", () => {
  const read = (text: string): readonly string[] => readClearText(Buffer.from(text), "a").lines;
  const signature = /-----BEGIN PGP SIGNATURE-----[^]*/.exec(readFileSync(join(FOLDER, "builder.deb"), "latin1"))?.[0].trimEnd() ?? "";
  const framed = (body: string, head = "Hash: SHA256\n"): string => `-----BEGIN PGP SIGNED MESSAGE-----\n${head}\n${body}\n${signature}`;
  it("is its lines, without dashes in front and what is blank behind", () => {
    assert.deepEqual(read(framed("one  \n- -----two\r\n- from\n-\n")), ["one", "-----two", "from", "", ""]);
  });
  for (const [name, text] of Object.entries({
    "a line begins with a dash": framed("-one"),
    "a header is not known": framed("one", "NotDashEscaped: You need GnuPG\n"),
    "a header holds text": framed("one", "Hash: SHA256\nFiles: none\n"),
    "something stands in front": `one\n${framed("two")}`,
    "something follows": `${framed("one")}\ntwo\n`,
    "the signature does not end": framed("one").slice(0, -10),
    "there is no signature": "-----BEGIN PGP SIGNED MESSAGE-----\n\none\n",
    "the signature is a key": framed("one").replace(/-----BEGIN PGP SIGNATURE-----[^]*/, ORIGIN),
  }))
    it(`is refused when ${name}`, () => assert.throws(() => read(text), { code: "artifact/broken" }));
});

describe("one flipped bit", async () => {
  interface Region {
    readonly at: number;
    readonly wanted: string;
  }
  const find = async (name: string): Promise<(member: string) => ArMember> => {
    const members = await readAr(memorySource(packageOf(name)), 64);
    return (wanted) => {
      const found = members.find((one) => one.name.startsWith(wanted));
      assert.ok(found, wanted);
      return found;
    };
  };
  const content = (wanted: string, member: (name: string) => ArMember): Readonly<Record<string, Region>> =>
    Object.fromEntries(
      ["debian-binary", "control.tar", "data.tar"].flatMap((name) => [
        [`${name}, first byte`, { at: member(name).offset, wanted }],
        [`${name}, last byte`, { at: member(name).offset + member(name).bytes - 1, wanted }],
      ]),
    );
  for (const name of Object.keys(SIGNED)) {
    const bytes = packageOf(name);
    const [keys] = SIGNED[name] as (typeof SIGNED)[string];
    const member = await find(name);
    const isList = (SIGNED[name]?.[1] ?? []).includes("dpkg-sig");
    const own = member("_gpg");
    const whole = SIGNED[name]?.[2] ?? "";
    const inText = (text: string): number => bytes.indexOf(text, own.offset);
    /** Region → where, and the verdict. What ar says of a member beside its name and size is covered by nothing, and used by nobody. */
    const regions: Readonly<Record<string, Region>> = {
      "the archive's magic": { at: 3, wanted: "malformed" },
      "a member's time": { at: member("control.tar").offset - 44 + 3, wanted: whole },
      "a member's size": { at: member("control.tar").offset - 12, wanted: "malformed" },
      ...content("digest-mismatch", member),
      ...(isList && {
        "the list's role": { at: inText("Role: ") + 6, wanted: "contradiction digest-mismatch" },
        "the list's signer": { at: inText("Signer: ") + 8, wanted: "digest-mismatch" },
        "the list's digest": { at: inText("Files:") + 10, wanted: "digest-mismatch" },
        "the list's size": { at: inText(" 4 debian-binary") + 1, wanted: "digest-mismatch" },
        "the list's name of a member": { at: inText("data.tar"), wanted: "digest-mismatch uncovered" },
      }),
    };
    for (const [region, { at, wanted }] of Object.entries(regions))
      it(`${name}: ${region}: ${wanted}`, async () => {
        assert.ok(at > 0 && at < bytes.length, `${at}`);
        const found = stateOf(await verify(flipped(bytes, at), keys)).split(" ");
        // Beside others that were made by then weak and unknown ones may be told of too.
        for (const code of wanted.split(" ")) assert.ok(found.includes(code), found.join(" "));
        if (wanted !== whole) assert.ok(!found.includes("intact"), found.join(" "));
      });
  }

  it("of a signature's value: signature-mismatch", async () => {
    const bytes = packageOf("origin");
    const { offset, bytes: length } = (await find("origin"))("_gpgorigin");
    assert.equal(await state(flipped(bytes, offset + length - 1), [ORIGIN]), "signature-mismatch");
  });

  it("of the value of a signed list: signature-mismatch", async () => {
    const made = readArmor(Buffer.from((await membersOf(packageOf("builder")))[3]?.content ?? []).toString("latin1"))[1]?.bytes;
    assert.ok(made);
    const other = await changed("builder", (members) =>
      members.map((one) => {
        if (!one.name.startsWith("_gpg")) return one;
        const text = Buffer.from(one.content).toString("latin1").split("-----BEGIN PGP SIGNATURE-----")[0] ?? "";
        const value = flipped(made, made.length - 2).toString("base64");
        return { ...one, content: Buffer.from(`${text}-----BEGIN PGP SIGNATURE-----\n\n${value}\n-----END PGP SIGNATURE-----\n`) };
      }),
    );
    assert.equal(await state(other, [BUILDER]), "signature-mismatch");
  });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const [name, [keys]] of Object.entries(SIGNED)) {
      const bytes = packageOf(name);
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
    for (const name of ["origin", "builder"])
      for (let length = 0; length < packageOf(name).length - 1; length += 13)
        assert.notEqual((await verify(packageOf(name).subarray(0, length), [ORIGIN, BUILDER])).trusted, true, `${name} ${length}`);
  });
});

const POLICY = (id: string): string => `<?xml version="1.0"?>
<!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
<Policy xmlns="https://www.debian.org/debsig/1.0/">
  <Origin Name="test" id="${id}" Description="never trust it"/>
  <Selection><Required Type="origin" File="key.gpg" id="${id}"/></Selection>
  <Verification MinOptional="0"><Required Type="origin" File="key.gpg" id="${id}"/></Verification>
</Policy>`;

const hasDebsigVerify = spawnSync("debsig-verify", ["--version"]).status === 0;
describe("agreement with debsig-verify", { skip: hasDebsigVerify ? false : "no debsig-verify here" }, () => {
  it("over what debsigs made, as it is and with single bits flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-debsig-"));
    try {
      const { signatures } = await verify(packageOf("origin"), [ORIGIN]);
      const id = String(signatures[0]?.signer?.keyId).slice(-16);
      for (const part of ["policies", "keyrings"]) mkdirSync(join(folder, part, id), { recursive: true });
      writeFileSync(join(folder, "policies", id, "test.pol"), POLICY(id));
      writeFileSync(join(folder, "keyrings", id, "key.gpg"), readArmor(ORIGIN)[0]?.bytes ?? "");
      const file = join(folder, "a.deb");
      const bytes = packageOf("origin");
      const members = await readAr(memorySource(bytes), 64);
      // Of a member we read name and size; dpkg's reader wants times and owners to be numbers too. What a signature is called says what it is
      // for: debsig-verify's policy asks for one, and nothing signs it.
      const isUnread = (at: number): boolean =>
        members.some(({ name, offset }) => at >= offset - (name.startsWith("_gpg") ? 56 : 44) && at < offset - 12);
      // gpg looks for the key by the hint that is not signed; we by the fingerprint that is.
      const hint = bytes.indexOf(Buffer.concat([Buffer.of(9, 16), Buffer.from(id, "hex")])) + 2;
      const differing: string[] = [];
      let compared = 0;
      for (let at = -1; at < bytes.length; at += at < 0 ? 1 : 11) {
        const own = at < 0 ? bytes : flipped(bytes, at);
        writeFileSync(file, own);
        const options = ["--policies-dir", join(folder, "policies"), "--keyrings-dir", join(folder, "keyrings")];
        const theirs = spawnSync("debsig-verify", ["-q", ...options, file], { env: { ...process.env, GNUPGHOME: folder } }).status === 0;
        const { intact, trusted } = await verify(own, [ORIGIN]);
        const ours = intact === true && trusted === true;
        if (isUnread(at) || (at >= hint && at < hint + 8)) assert.ok(ours, `${at}`);
        else if (ours !== theirs) differing.push(`${at}: debsig-verify ${String(theirs)}`);
        compared += 1;
      }
      assert.deepEqual(differing, []);
      assert.ok(compared > 100, `${compared}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const hasDpkgSig = spawnSync("dpkg-sig", ["--help"]).status === 0;
describe("agreement with dpkg-sig", { skip: hasDpkgSig ? false : "no dpkg-sig here" }, () => {
  it("over what it made, as it is and with single bits flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-dpkg-sig-"));
    try {
      const env = { ...process.env, GNUPGHOME: folder };
      for (const key of [ORIGIN, BUILDER]) assert.equal(spawnSync("gpg", ["--batch", "--import"], { input: key, env }).status, 0);
      const file = join(folder, "a.deb");
      const differing: string[] = [];
      let compared = 0;
      for (const name of ["builder", "two-builders"]) {
        const bytes = packageOf(name);
        const members = await readAr(memorySource(bytes), 64);
        for (let at = -1; at < bytes.length; at += at < 0 ? 1 : 31) {
          const own = at < 0 ? bytes : flipped(bytes, at);
          writeFileSync(file, own);
          const { stdout } = spawnSync("dpkg-sig", ["--verify", file], { env, encoding: "utf8" });
          const theirs = stdout.includes("GOODSIG") && !stdout.includes("BADSIG") && !stdout.includes("UNKNOWNSIG");
          const { intact, trusted } = await verify(own, [ORIGIN, BUILDER]);
          compared += 1;
          // gpg takes dashed lines that are nearly right, and wants `Hash:` to be right, which nothing signs; dpkg-sig reads no more of ar than
          // it must.
          const line = bytes.subarray(bytes.lastIndexOf(10, at - 1) + 1, bytes.lastIndexOf(10, at - 1) + 7).toString("latin1");
          if (at > 0 && (/^(?:-----|Hash: )/.test(line) || members.some(({ offset }) => at >= offset - 60 && at < offset))) continue;
          if ((intact === true && trusted === true) !== theirs) differing.push(`${name} ${at}: ${stdout.trim()}, we ${String(intact)}`);
        }
      }
      assert.deepEqual(differing, []);
      assert.ok(compared > 100, `${compared}`);
    } finally {
      spawnSync("gpgconf", ["--kill", "gpg-agent"], { env: { ...process.env, GNUPGHOME: folder } });
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
