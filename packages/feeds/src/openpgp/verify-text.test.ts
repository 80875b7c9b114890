import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { armor } from "./armor.ts";
import { OpenPgpError } from "./openpgp-error.ts";
import { fingerprint, type OpenPgpKey, publicKeyPackets, SIGNATURE_TYPES, signaturePacket, SUBPACKETS } from "./packets.ts";
import { armoredPublicKeys, clearsign } from "./sign-text.ts";
import { readArmoredKeys, verifyClearsigned } from "./verify-text.ts";

const CREATED = new Date("2026-11-20T08:00:00Z");
const SIGNED = new Date("2026-11-20T09:00:00Z");
const NOW = new Date("2026-11-20T10:00:00Z");
/** Up to the name. */
const KEY_PACKET_BYTES = 57;
const TEXT = "Origin: Acme\n- a line with a dash\nFrom here\nÜnïcode 灯\n\nlast\n";

const makeKey = (created = CREATED): OpenPgpKey => ({
  key: generateKeyPairSync("ed25519").privateKey,
  created,
  userId: "main (distd repository)",
});
const keysOf = (...keys: readonly OpenPgpKey[]) => readArmoredKeys(keys.map((key) => armoredPublicKeys([key])).join(""));

interface By {
  readonly key: OpenPgpKey;
  readonly at?: Date;
  readonly type?: number;
  readonly over?: string;
  readonly more?: readonly Buffer[];
}

/** The text under signatures of several keys, or under ones that no program would make. */
function signedBy(text: string, ...all: readonly By[]): string {
  const message = clearsign([all[0]?.key ?? makeKey()], text, SIGNED);
  const lines = (signed: string): Buffer => Buffer.from(signed.replace(/\n$/, "").replaceAll("\n", "\r\n"));
  const packets = all.map(({ key, at = SIGNED, type = SIGNATURE_TYPES.text, over = text, more = [] }) =>
    signaturePacket(key, type, lines(over), at, more),
  );
  return message.slice(0, message.indexOf("-----BEGIN PGP SIGNATURE-----")) + armor("SIGNATURE", Buffer.concat(packets));
}

const subpacket = (kind: number, ...bytes: readonly number[]): Buffer => Buffer.from([bytes.length + 1, kind, ...bytes]);
const seconds = (count: number): readonly number[] => [count >>> 24, (count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff];
const refuses = (reason: RegExp) => (error: unknown) => error instanceof OpenPgpError && reason.test(error.message);

describe("a clearsigned text", () => {
  it("is given as it was signed, with who signed it", () => {
    // Many keys: a leading zero in a key or signature shortens its number.
    for (let round = 0; round < 300; round++) {
      const key = makeKey();
      const found = verifyClearsigned(clearsign([key], TEXT, SIGNED), keysOf(key), NOW);
      assert.deepEqual(found, { text: TEXT, signedBy: [fingerprint(key)] });
    }
  });

  it("may say anything", () => {
    const key = makeKey();
    const keys = keysOf(key);
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll(/[\n\r]/g, "").replace(/[ \t]+$/, ""))),
        (lines) => {
          const text = `${lines.join("\n")}\n`;
          assert.equal(verifyClearsigned(clearsign([key], text, SIGNED), keys, NOW).text, text);
        },
      ),
    );
  });

  it("is refused with one bit of any byte changed", () => {
    const key = makeKey();
    const [keys, good] = [keysOf(key), Buffer.from(clearsign([key], TEXT, SIGNED))];
    for (let at = 0; at < good.length; at++)
      for (const bit of [1, 0x20, 0x80]) {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ bit;
        assert.throws(() => verifyClearsigned(bytes.toString("utf8"), keys, NOW), OpenPgpError, `byte ${at}, bit ${bit}`);
      }
  });

  it("is refused with one bit of its signature changed under a checksum that fits, but for what is not signed", () => {
    const key = makeKey();
    const data = Buffer.from(TEXT.replace(/\n$/, "").replaceAll("\n", "\r\n"));
    const packet = signaturePacket(key, SIGNATURE_TYPES.text, data, SIGNED);
    const message = clearsign([key], TEXT, SIGNED);
    const text = message.slice(0, message.indexOf("-----BEGIN PGP SIGNATURE-----"));
    const passing = Array.from(packet.keys()).filter((at) => {
      const bytes = Buffer.from(packet);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      try {
        return verifyClearsigned(text + armor("SIGNATURE", bytes), keysOf(key), NOW).signedBy.length > 0;
      } catch (error) {
        assert.ok(error instanceof OpenPgpError, String(error));
        return false;
      }
    });
    // The key's id, once more and not signed, and the byte that says that it is one.
    assert.equal(passing.length, 9);
    assert.equal(packet.subarray(passing[1], (passing[8] ?? 0) + 1).toString("hex"), fingerprint(key).slice(-16));
  });

  it("is refused with anything before, between or behind its parts", () => {
    const key = makeKey();
    const message = clearsign([key], TEXT, SIGNED);
    const header = "Hash: SHA512\n";
    for (const changed of [
      "",
      `x\n${message}`,
      `${message}x`,
      `${message}${message}`,
      message.replace(header, `${header}Comment: trust me\n`),
      message.replace(header, "Hash: MD5\n"),
      message.replace(header, "Hash: SHA256\n"),
      message.replace(`${header}\n`, `${header}Origin: Evil\n\n`),
      message.replace("-----BEGIN PGP SIGNATURE-----", "Origin: Evil\n-----BEGIN PGP SIGNATURE-----"),
      message.replace("- - a line", "- a line"),
      message.replace("- - a line", "-- a line"),
    ])
      assert.throws(() => verifyClearsigned(changed, keysOf(key), NOW), OpenPgpError, changed);
  });

  it("may be signed by an old and a new key, and either is enough", () => {
    const [old, young, foreign] = [makeKey(), makeKey(), makeKey()];
    const message = signedBy(TEXT, { key: old }, { key: young });
    assert.deepEqual(verifyClearsigned(message, keysOf(old, young), NOW).signedBy, [fingerprint(old), fingerprint(young)]);
    for (const key of [old, young]) assert.deepEqual(verifyClearsigned(message, keysOf(key), NOW).signedBy, [fingerprint(key)]);
    assert.deepEqual(verifyClearsigned(clearsign([young], TEXT, SIGNED), keysOf(old, young), NOW).signedBy, [fingerprint(young)]);
    assert.throws(() => verifyClearsigned(message, keysOf(foreign), NOW), refuses(/which is not known/));
  });

  it("is refused for one bad signature by a key that counts, whatever the others say", () => {
    const [good, bad] = [makeKey(), makeKey()];
    const message = signedBy(TEXT, { key: good }, { key: bad, over: "something else\n" });
    assert.throws(() => verifyClearsigned(message, keysOf(good, bad), NOW), refuses(new RegExp(`${fingerprint(bad)} is not good`)));
    assert.deepEqual(verifyClearsigned(message, keysOf(good), NOW).signedBy, [fingerprint(good)]);
  });

  it("is refused under a signature of another kind", () => {
    const key = makeKey();
    for (const type of [SIGNATURE_TYPES.binary, SIGNATURE_TYPES.certification])
      assert.throws(() => verifyClearsigned(signedBy(TEXT, { key, type }), keysOf(key), NOW), refuses(/not good/));
    const critical = subpacket(0x80 | 99, 1);
    assert.throws(() => verifyClearsigned(signedBy(TEXT, { key, more: [critical] }), keysOf(key), NOW), refuses(/not known/));
    assert.ok(verifyClearsigned(signedBy(TEXT, { key, more: [subpacket(99, 1)] }), keysOf(key), NOW));
  });

  it("is refused outside the time of its signature and key", () => {
    const key = makeKey();
    const verify = (at: Date, ...more: readonly Buffer[]) => verifyClearsigned(signedBy(TEXT, { key, more }), keysOf(key), at);
    assert.ok(verify(new Date(SIGNED.getTime() - 9_000)));
    assert.throws(() => verify(new Date(SIGNED.getTime() - 11_000)), refuses(/from the future/));
    const day = subpacket(SUBPACKETS.expires, ...seconds(86_400));
    assert.ok(verify(NOW, day));
    assert.throws(() => verify(new Date("2026-11-22T00:00:00Z"), day), refuses(/signature has expired/));
    assert.ok(verify(new Date("2036-11-22T00:00:00Z")));
    assert.throws(
      () => verifyClearsigned(signedBy(TEXT, { key, at: new Date("2026-11-20T07:00:00Z") }), keysOf(key), NOW),
      refuses(/older than the key/),
    );
  });
});

describe("an armoured key", () => {
  it("is read with its fingerprint and the time it was made", () => {
    const [one, two] = [makeKey(), makeKey(SIGNED)];
    assert.deepEqual(readArmoredKeys(armoredPublicKeys([one, two])), keysOf(one, two));
    assert.deepEqual(
      keysOf(one, two).map((key) => [key.fingerprint, key.created, key.expires]),
      [
        [fingerprint(one), CREATED, undefined],
        [fingerprint(two), SIGNED, undefined],
      ],
    );
  });

  it("is refused with one bit of any byte changed, and when there is none", () => {
    const good = Buffer.from(armoredPublicKeys([makeKey()]));
    for (let at = 0; at < good.length; at++)
      for (const bit of [1, 0x20, 0x80]) {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ bit;
        assert.throws(() => readArmoredKeys(bytes.toString("latin1")), OpenPgpError, `byte ${at}, bit ${bit}`);
      }
    for (const none of ["", "no key\n", armor("PUBLIC KEY BLOCK", Buffer.alloc(0)), armor("SIGNATURE", Buffer.alloc(9))])
      assert.throws(() => readArmoredKeys(none), OpenPgpError);
  });

  it("is refused with one bit changed under a checksum that fits, but for what is not signed", () => {
    const key = makeKey();
    const packets = publicKeyPackets(key);
    const passing = Array.from(packets.keys()).filter((at) => {
      const bytes = Buffer.from(packets);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      try {
        return readArmoredKeys(armor("PUBLIC KEY BLOCK", bytes)).length > 0;
      } catch (error) {
        assert.ok(error instanceof OpenPgpError, String(error));
        return false;
      }
    });
    assert.equal(passing.length, 9);
    assert.equal(packets.subarray(passing[1], (passing[8] ?? 0) + 1).toString("hex"), fingerprint(key).slice(-16));
  });

  it("is refused when another key certified its name", () => {
    const [own, other] = [makeKey(), makeKey()];
    const mixed = Buffer.concat([publicKeyPackets(own).subarray(0, KEY_PACKET_BYTES), publicKeyPackets(other).subarray(KEY_PACKET_BYTES)]);
    assert.throws(() => readArmoredKeys(armor("PUBLIC KEY BLOCK", mixed)), refuses(/not certified by the key/));
    const bare = publicKeyPackets(own).subarray(0, KEY_PACKET_BYTES);
    assert.throws(() => readArmoredKeys(armor("PUBLIC KEY BLOCK", bare)), refuses(/not certified by the key/));
  });

  it("is refused when its packets are not whole, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        assert.throws(() => readArmoredKeys(armor("PUBLIC KEY BLOCK", bytes)), OpenPgpError),
      ),
    );
  });
});
