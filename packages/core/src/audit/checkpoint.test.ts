import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sha256 } from "../digest/sha256.ts";
import { signCheckpoint, verifyCheckpoint } from "./checkpoint.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const checkpoint = { origin: "hub.example/log", size: 1234, root: sha256("root") };
const note = signCheckpoint(checkpoint, privateKey);
const [body = "", signatures = ""] = note.split("\n\n");

/** A note with another body, signed as it should be over that very body. */
function resigned(text: string): string {
  const hash = Buffer.from(signatures.split(" ")[2] ?? "", "base64").subarray(0, 4);
  return `${text}\n\u2014 hub.example/log ${Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]).toString("base64")}\n`;
}

describe("checkpoints", () => {
  it("are C2SP signed notes: origin, size, root, and the signature of that text", () => {
    const root = Buffer.from(checkpoint.root, "hex").toString("base64");
    assert.equal(body, `hub.example/log\n1234\n${root}`);
    const [, name, encoded] = /^\u2014 (\S+) (\S+)\n$/.exec(signatures) ?? [];
    const bytes = Buffer.from(encoded ?? "", "base64");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const keyHash = createHash("sha256").update("hub.example/log\n\x01").update(raw).digest().subarray(0, 4);
    assert.equal(name, "hub.example/log");
    assert.deepEqual(bytes.subarray(0, 4), keyHash);
    assert.ok(verify(null, Buffer.from(`${body}\n`), publicKey, bytes.subarray(4)));
  });

  it("verify with the key that signed them, and no other", () => {
    assert.deepEqual(verifyCheckpoint(note, publicKey), checkpoint);
    assert.equal(verifyCheckpoint(note, other.publicKey), undefined);
  });

  it("come back as they were signed, of any size and root", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.string(),
        fc.stringMatching(/^[a-z]{1,8}(?:\.[a-z]{1,3})?$/),
        (size, text, origin) => {
          const given = { origin, size, root: sha256(text) };
          assert.deepEqual(verifyCheckpoint(signCheckpoint(given, privateKey), publicKey), given);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are undefined after any change of a field, of the key's hash, or of the signature", () => {
    const signature = signatures.split(" ")[2] ?? "";
    for (const [what, changed] of Object.entries({
      origin: note.replaceAll("hub.example", "bad.example"),
      "origin of the body": note.replace("hub.example", "bad.example"),
      size: note.replace("1234", "1235"),
      "leading zero": note.replace("1234", "01234"),
      root: note.replace(Buffer.from(checkpoint.root, "hex").toString("base64"), Buffer.from(sha256("other"), "hex").toString("base64")),
      "extra line": note.replace("\n\n", "\nextra\n\n"),
      "key hash": note.replace(signature, `AAAA${signature.slice(4)}`),
      signature: note.replace(signature, `${signature.slice(0, -6)}AAAA==`),
      "short signature": note.replace(signature, signature.slice(0, 12)),
      "no signature": `${body}\n\n`,
      "signature of another log": signatures,
      nothing: "",
      words: "not a note",
    })) {
      assert.notEqual(changed, note, what);
      assert.equal(verifyCheckpoint(changed, publicKey), undefined, what);
    }
  });

  it("are undefined after any change of one character", () => {
    const change = fc.tuple(fc.nat(note.length - 1), fc.constantFrom("0", "A", "z", "+", "=", "\n", " ", "é"));
    fc.assert(
      fc.property(change, ([index, character]) => {
        // The last character of base64 carries bits that are not used; the final line end may be missing.
        fc.pre(note[index] !== character && index < note.length - 4);
        const changed = note.slice(0, index) + character + note.slice(index + 1);
        assert.equal(verifyCheckpoint(changed, publicKey), undefined, JSON.stringify(changed));
      }),
      { numRuns: 200 },
    );
  });

  it("are undefined where the text is not the one form of what it says, though well signed", () => {
    const root = body.split("\n")[2] ?? "";
    assert.deepEqual(verifyCheckpoint(resigned(`${body}\n`), publicKey), checkpoint);
    for (const text of [
      `hub.example/log\n01234\n${root}\n`,
      `hub.example/log\n9007199254740993\n${root}\n`,
      `hub.example/log\n-1\n${root}\n`,
      `hub.example/log\n1234\n${root}\nmore\n`,
    ]) {
      assert.equal(verifyCheckpoint(resigned(text), publicKey), undefined, text);
    }
  });

  it("may carry signatures of others as well", () => {
    const cosigned = `${body}\n\n\u2014 witness.example AAAAAAAA\nnoise\n${signatures}`;
    assert.deepEqual(verifyCheckpoint(cosigned, publicKey), checkpoint);
  });
});
