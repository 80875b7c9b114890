import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import type { Verdict } from "../verdict.ts";
import { parseIntegrity } from "./integrity.ts";
import { readRegistryKeys } from "./keys.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/npm");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const [PLAIN, SCOPED] = ["lantern-1.0.0.tgz", "acme-lantern-1.0.0.tgz"] as const;
const file = (name: string): Buffer => readFileSync(join(FOLDER, name));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", `${name}.json`), "latin1");
const [KEY, ENDED, STRANGER] = [keyOf("test"), keyOf("ended"), keyOf("stranger")];
const tarball = file(PLAIN);

type Said = Record<string, any>;
const said = (suffix = ""): Said => JSON.parse(file(`${PLAIN}${suffix}.npm-signatures.json`).toString()) as Said;

interface Asked {
  readonly keys?: readonly string[];
  readonly content?: Uint8Array;
  readonly fileName?: string;
  readonly now?: Date;
}

function verify(
  document: Uint8Array | Said | undefined,
  { keys = [KEY], content = tarball, fileName = PLAIN, now }: Asked = {},
): Promise<Verdict> {
  const bytes = document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document ?? {}));
  return verifyArtifact(memorySource(content), {
    format: "npm",
    fileName,
    now: now ?? new Date("2026-06-01"),
    trust: { certificates: [], keys, revoked: new Set() },
    beside: document === undefined ? new Map() : new Map([[`${fileName}.npm-signatures.json`, memorySource(bytes)]]),
  });
}
const state = async (document: Uint8Array | Said | undefined, asked?: Asked): Promise<string> => stateOf(await verify(document, asked));
const changed = (change: (document: Said) => void, suffix = ""): Said => {
  const document = said(suffix);
  change(document);
  return document;
};

const HELD: Readonly<Record<string, readonly [wanted: string, document: () => Uint8Array | Said, asked?: Asked]>> = {
  "what npm view says": ["intact trusted", () => said(), { keys: [STRANGER, KEY, "-----BEGIN PUBLIC KEY-----"] }],
  "of a package in a scope": ["intact trusted", () => file(`${SCOPED}.npm-signatures.json`), { content: file(SCOPED), fileName: SCOPED }],
  "the whole document of a package": [
    "intact trusted",
    () => ({ name: "lantern", versions: { "1.0.0": { name: "lantern", version: "1.0.0", dist: said()["dist"] } }, time: said()["time"] }),
  ],
  "two signatures, one key": ["intact trusted ignored", () => said(".two")],
  "two signatures, both keys": ["intact trusted", () => said(".two"), { keys: [KEY, STRANGER] }],
  "a key that had not ended": ["intact trusted", () => said(".ended"), { keys: [ENDED], now: new Date("2026-02-01") }],
  "a key that ended after it was published": ["intact trusted timestamp-untrusted", () => said(".ended"), { keys: [ENDED] }],
  "keys as Sigstore's repository has them": ["intact trusted", () => said(), { keys: [asInRepository(KEY)] }],
  "no signature": ["intact nobody", () => said(".unsigned")],
};

function asInRepository(text: string): string {
  const { keys } = JSON.parse(text) as { keys: { keyid: string; key: string }[] };
  const inside = keys.map(({ keyid, key }) => ({
    keyId: keyid,
    publicKey: { rawBytes: key, validFor: { start: "1999-01-01T00:00:00.000Z" } },
  }));
  return JSON.stringify({ keys: inside });
}

describe("a registry's signature", () => {
  for (const [name, [wanted, document, asked]] of Object.entries(HELD))
    it(`${name}: ${wanted}`, async () => assert.equal(await state(document(), asked), wanted));

  it("says of what it is, and whose", async () => {
    const { signatures } = await verify(said());
    assert.deepEqual(
      signatures.map(({ scheme, algorithm, signer, details }) => [scheme, algorithm, signer?.key, details?.["package"]]),
      [["npm", "ecdsa-p256-sha256", "ecdsa-p256", "lantern@1.0.0"]],
    );
  });

  it("of the registry of npm itself holds, as its own client tests it", async () => {
    // kms-demo@1.0.0: integrity, signature and key as they are public. The tarball is not here, so it is another's.
    const key =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==";
    const keyid = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA";
    const dist = {
      integrity: "sha512-QqZ7VJ/8xPkS9s2IWB7Shj3qTJdcRyeXKbPQnsZjsPEwvutGv0EGeVchPcauoiDFJlGbZMFq5GDCurAGNSghJQ==",
      signatures: [{ keyid, sig: "MEUCIDrLNspFeU5NZ6d55ycVBZIMXnPJi/XnI1Y2dlJvK8P1AiEAnXjn1IOMUd+U7YfPH+FNjwfLq+jCwfH8uaxocq+mpPk=" }],
    };
    const keys = [JSON.stringify({ keys: [{ keyid, key, expires: null }] })];
    assert.equal(await state({ name: "kms-demo", version: "1.0.0", dist }, { keys }), "contradiction digest-mismatch");
    assert.equal(await state({ name: "kms-demo", version: "1.0.1", dist }, { keys }), "signature-mismatch");
  });
});

/** What is given → the verdict. `unsigned`: neither answer. */
const REFUSED: Readonly<Record<string, readonly [wanted: string, document: () => Uint8Array | Said | undefined, asked?: Asked]>> = {
  "nothing beside": ["unsigned", () => undefined],
  "no key": ["intact unknown-signer", () => said(), { keys: [] }],
  "another key": ["intact unknown-signer", () => said(), { keys: [STRANGER] }],
  "keys that are no JSON": ["intact unknown-signer", () => said(), { keys: ["{", "{}", '{"keys":[1,{},{"keyid":"x"}]}'] }],
  "another key under the same id": ["signature-mismatch", () => said(), { keys: [withKey(STRANGER)] }],
  "a key that is none": ["signature-mismatch", () => said(), { keys: [KEY.replace(/"key": "[^"]*"/, '"key": "MFkw"')] }],
  "a key of another curve": ["signature-mismatch", () => said(), { keys: [KEY.replace(/"key": "[^"]*"/, `"key": "${otherCurve()}"`)] }],
  "another tarball": ["digest-mismatch", () => said(), { content: repacked({ name: "lantern", version: "1.0.0" }) }],
  "another tarball, and no key": ["digest-mismatch", () => said(), { content: repacked({ name: "lantern", version: "1.0.0" }), keys: [] }],
  "another tarball, and no signature": [
    "digest-mismatch",
    () => said(".unsigned"),
    { content: repacked({ name: "lantern", version: "1.0.0" }) },
  ],
  "a longer tarball": ["digest-mismatch", () => said(), { content: Buffer.concat([tarball, Buffer.of(0)]) }],
  "another package's document": ["contradiction digest-mismatch", () => file(`${SCOPED}.npm-signatures.json`)],
  "another package's document, with this tarball's integrity": ["signature-mismatch", renamedInside],
  "another integrity": ["signature-mismatch", () => changed((one) => (one["dist"].integrity = integrityOf("sha512", Buffer.from("x"))))],
  "an integrity of another kind": ["signature-mismatch", () => changed((one) => (one["dist"].integrity = integrityOf("sha256", tarball)))],
  "an integrity by SHA-1 alone": [
    "intact nobody weak-algorithm",
    () => changed((one) => (one["dist"].integrity = integrityOf("sha1", tarball)), ".unsigned"),
  ],
  "the signature of another name": ["signature-mismatch", () => changed((one) => (one["name"] = "lantern2"))],
  "the signature of another version": ["signature-mismatch", () => changed((one) => (one["version"] = "1.0.1"))],
  "a key that ended before it was published": [
    "intact expired",
    () => changed((one) => (one["time"]["1.0.0"] = "2026-04-01T00:00:00.000Z"), ".ended"),
    { keys: [ENDED] },
  ],
  "a key that ended, and no time": ["intact expired", () => changed((one) => delete one["time"], ".ended"), { keys: [ENDED] }],
  "a key that ended, and a time that is none": [
    "intact expired",
    () => changed((one) => (one["time"]["1.0.0"] = "then"), ".ended"),
    { keys: [ENDED] },
  ],
  "a key whose end cannot be read": [
    "intact expired",
    () => changed((one) => delete one["time"]),
    { keys: [KEY.replace('"expires": null', '"expires": "never"')] },
  ],
  "no JSON": ["malformed", () => Buffer.from("signed")],
  "nothing in it": ["malformed", () => Buffer.alloc(0)],
  "no version": ["malformed", () => changed((one) => delete one["version"])],
  "no dist": ["malformed", () => changed((one) => delete one["dist"])],
  "no integrity": ["malformed", () => changed((one) => delete one["dist"].integrity)],
  "an integrity that cannot be read": ["malformed", () => changed((one) => (one["dist"].integrity = "md5-abc"))],
  "a signature that is no text": ["malformed", () => changed((one) => (one["dist"].signatures[0].sig = 5))],
  "a signature that is no base64": ["malformed", () => changed((one) => (one["dist"].signatures[0].sig = "bogus!"))],
  "a signature that is no DER": ["signature-mismatch", () => changed((one) => (one["dist"].signatures[0].sig = "Ym9ndXM="))],
  "signatures that are no list": ["malformed", () => changed((one) => (one["dist"].signatures = {}))],
  "too many signatures": [
    "malformed",
    () => changed((one) => (one["dist"].signatures = Array.from({ length: 17 }, () => one["dist"].signatures[0]))),
  ],
  "a document of the prototype's own": ["malformed", () => ({ name: "lantern", versions: {} })],
  "no tarball": ["malformed", () => said(), { content: Buffer.from("x") }],
};

function withKey(other: string): string {
  const [own, theirs] = [KEY, other].map((text) => (JSON.parse(text) as { keys: { key: string }[] }).keys[0]);
  return JSON.stringify({ keys: [{ ...own, key: theirs?.key }] });
}

function otherCurve(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ type: "spki", format: "der" }).toString("base64");
}

function integrityOf(hash: string, bytes: Uint8Array): string {
  return `${hash}-${createHash(hash).update(bytes).digest("base64")}`;
}

function repacked(manifest: object): Buffer {
  const content = Buffer.from(JSON.stringify(manifest));
  const head = Buffer.alloc(512);
  head.write("package/package.json", 0);
  head.write("0000644\0", 100);
  head.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  head.write("ustar\0", 257);
  head.write("00", 263);
  head.write("0", 156);
  head.fill(" ", 148, 156);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return gzipSync(Buffer.concat([head, content, Buffer.alloc(512 - (content.length % 512) + 1024)]));
}

describe("what is not trusted", () => {
  for (const [name, [wanted, document, asked]] of Object.entries(REFUSED))
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(document(), asked);
      const found = stateOf(verdict).split(" ");
      for (const code of wanted.split(" ")) assert.ok(found.includes(code), found.join(" "));
      assert.notEqual(verdict.trusted, true);
    });

  it("package.json of another name than the registry says, in the very tarball that was signed", async () => {
    const other = repacked({ name: "lantern-evil", version: "1.0.0" });
    const document = changed((one) => (one["dist"].integrity = integrityOf("sha512", other)), ".unsigned");
    assert.equal(await state(document, { content: other }), "contradiction");
    const same = repacked({ name: "lantern", version: " v1.0.0+build" });
    const held = changed((one) => (one["dist"].integrity = integrityOf("sha512", same)), ".unsigned");
    assert.equal(await state(held, { content: same }), "intact nobody");
  });
});

/** Of the scope's package, with this tarball's integrity: what a registry's signature must not be taken for. */
function renamedInside(): Said {
  const document = JSON.parse(file(`${SCOPED}.npm-signatures.json`).toString()) as Said;
  document["dist"].integrity = integrityOf("sha512", tarball);
  return document;
}

describe("an integrity", () => {
  const [strong, weak] = [integrityOf("sha512", tarball), integrityOf("sha1", tarball)];
  it("is its strongest digests", () => {
    assert.deepEqual(parseIntegrity(`${weak} ${strong}?x`), { hash: "sha512", digests: [strong.slice(7)] });
    assert.deepEqual(parseIntegrity(`${strong} ${strong.replace("sha512-", "sha512-A")}`).digests.length, 2);
  });
  for (const text of ["", "sha512", "sha512-", "md5-abcd", "sha512_abcd", `${strong}!`])
    it(`is refused: ${JSON.stringify(text.slice(0, 20))}`, () => assert.throws(() => parseIntegrity(text), { code: "artifact/broken" }));
});

describe("keys of a registry", () => {
  it("are read from every text that is JSON", () => {
    assert.equal(readRegistryKeys([KEY, ENDED, "RWQ", "[]", '{"keys":{}}']).length, 2);
  });
});

describe("one flipped bit", () => {
  const text = file(`${PLAIN}.npm-signatures.json`);
  const at = (part: string, more = 0): number => text.indexOf(part) + part.length + more;
  /** Region → where, and the verdict. Only what is signed is covered; the rest says nothing of who and what. */
  const regions: Readonly<Record<string, readonly [at: number, wanted: string]>> = {
    "the name": [at('"name": "'), "signature-mismatch"],
    "the version": [at('"version": "', 4), "signature-mismatch"],
    "the integrity": [at('"integrity": "', 20), "signature-mismatch"],
    "the kind of digest": [at('"integrity": "', 3), "malformed"],
    "the key's id": [at('"keyid": "', 12), "intact unknown-signer"],
    "the signature": [at('"sig": "', 40), "signature-mismatch"],
    "the time": [at('"modified": "', 3), "intact trusted"],
    "the address": [at('"tarball": "', 10), "intact trusted"],
  };
  for (const [region, [place, wanted]] of Object.entries(regions))
    it(`${region}: ${wanted}`, async () => {
      const found = (await state(flipped(text, place))).split(" ");
      for (const code of wanted.split(" ")) assert.ok(found.includes(code), found.join(" "));
      if (!wanted.includes("trusted")) assert.ok(!found.includes("trusted"), found.join(" "));
    });
  it("anywhere in the tarball: not intact", async () => {
    for (let place = 0; place < tarball.length; place += 1)
      assert.equal((await verify(said(), { content: flipped(tarball, place) })).intact, false, `${place}`);
  });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    const text = file(`${PLAIN}.npm-signatures.json`);
    await fc.assert(
      fc.asyncProperty(damages, fc.constantFrom("document", "key", "tarball"), async (list, part) => {
        const { intact, trusted } =
          part === "document"
            ? await verify(damage(text, list))
            : part === "key"
              ? await verify(said(), { keys: [Buffer.from(damage(Buffer.from(KEY), list)).toString("latin1")] })
              : await verify(said(), { content: damage(tarball, list) });
        assert.ok(trusted !== true || intact === true);
      }),
      { numRuns: 3 * RUNS, seed: SEED },
    );
  });
});
