import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { REPOSITORY } from "../test-support/fixtures.ts";
import { isReadableKey, namesKey } from "./key-ids.ts";

const read = (path: string): string => readFileSync(join(REPOSITORY, "fixtures/signatures", path), "latin1");
const IDENTITY = JSON.stringify({
  sigstoreIdentities: [
    { subject: "https://github.com/acme/notes/*", issuer: "https://token.actions.githubusercontent.com" },
    { subject: "*", issuer: "https://token.actions.githubusercontent.com" },
  ],
});
const workflow = (repository: string): string =>
  `https://github.com/${repository}/.github/workflows/release.yml@refs/tags/v1 https://token.actions.githubusercontent.com`;

describe("who a key's text names", () => {
  const cases: readonly (readonly [name: string, text: string, keyId: string, expected: boolean])[] = [
    ["minisign's own", read("minisign/keys/test.pub"), keyIdOf(read("minisign/notes.txt.prehashed.minisig")), true],
    ["minisign's other", read("minisign/keys/stranger.pub"), keyIdOf(read("minisign/notes.txt.prehashed.minisig")), false],
    ["Sparkle's own", `${Buffer.alloc(32, 7).toString("base64")}\n`, Buffer.alloc(32, 7).toString("base64"), true],
    ["a workflow of the identity's", IDENTITY, workflow("acme/notes"), true],
    ["a workflow of another", IDENTITY, workflow("evil/notes"), false],
    ["the identity by another issuer", IDENTITY, workflow("acme/notes").replace("token.actions", "other.actions"), false],
    ["an id with a space that is no identity", IDENTITY, "a b", false],
    ["nothing of a text that is no key", "hello", "hello", false],
  ];
  for (const [name, text, keyId, expected] of cases)
    it(`${expected ? "is" : "is not"} ${name}`, () => assert.equal(namesKey(text, keyId), expected));

  /** As minisign prints it: a number, little-endian, behind two bytes. */
  function keyIdOf(signature: string): string {
    const bytes = Buffer.from(signature.split("\n")[1] ?? "", "base64");
    return Buffer.from(bytes.subarray(2, 10)).reverse().toString("hex").toUpperCase();
  }
});

describe("a text that signatures can be verified with", () => {
  const texts: Readonly<Record<string, readonly [text: string, expected: boolean]>> = {
    "an OpenPGP block": [read("openpgp/keys/ed25519.asc"), true],
    "minisign's line": [read("minisign/keys/test.pub"), true],
    "Sparkle's base64": [Buffer.alloc(32, 7).toString("base64"), true],
    "Sigstore identities": [IDENTITY, true],
    "an identity that is everybody": [
      JSON.stringify({ sigstoreIdentities: [{ subject: "*", issuer: "https://accounts.example" }] }),
      false,
    ],
    "a block that is none": ["-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx", false],
    "an id": ["0123456789ABCDEF", false],
    nothing: ["", false],
  };
  for (const [name, [text, expected]] of Object.entries(texts))
    it(`${name}: ${expected ? "is one" : "is none"}`, () => assert.equal(isReadableKey(text), expected));
});
