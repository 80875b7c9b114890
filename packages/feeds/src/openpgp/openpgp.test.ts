// Judged by gpgv, which is what apt asks.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fingerprint, type OpenPgpKey, publicKeyPackets } from "./packets.ts";
import { armoredPublicKeys, clearsign, detachedSignature } from "./sign-text.ts";

const made = (): OpenPgpKey => ({
  key: generateKeyPairSync("ed25519").privateKey,
  created: new Date("2026-11-20T08:00:00Z"),
  userId: "distd main <main@dist.example.com>",
});
const at = new Date("2026-11-20T09:00:00Z");

function gpgv(key: OpenPgpKey, ...files: readonly (readonly [name: string, content: string])[]): { status: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), "gpgv-"));
  try {
    writeFileSync(join(folder, "key.gpg"), publicKeyPackets(key));
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const ran = spawnSync("gpgv", ["--keyring", join(folder, "key.gpg"), ...files.map(([name]) => join(folder, name))], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], GNUPGHOME: folder, LC_ALL: "C" },
    });
    return { status: ran.status, said: ran.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hasGpgv = ["/usr/bin/gpgv", "/bin/gpgv"].some((path) => existsSync(path));

describe("OpenPGP", () => {
  const text = "Origin: Acme\n- a line with a dash\nFrom here\nÜnïcode 灯\n\nlast\n";

  it("signs texts that gpgv finds good, and only those", { skip: !hasGpgv && "there is no gpgv" }, () => {
    // Many keys: a leading zero in a key or signature shortens its number.
    for (let round = 0; round < 24; round++) {
      const key = made();
      const clear = clearsign([key], text, at);
      const good = gpgv(key, ["message.asc", clear]);
      assert.equal(good.status, 0, good.said);
      assert.match(good.said, /Good signature from "distd main <main@dist\.example\.com>"/);
      assert.match(good.said, new RegExp(fingerprint(key).toUpperCase()));
      assert.equal(gpgv(key, ["message.asc", clear.replace("last", "lost")]).status, 1);
      assert.equal(gpgv(made(), ["message.asc", clear]).status, 2);
      const detached = detachedSignature([key], text, at);
      assert.equal(gpgv(key, ["text.asc", detached], ["text", text]).status, 0);
      assert.equal(gpgv(key, ["text.asc", detached], ["text", `${text} `]).status, 1);
    }
  });

  it("shows the key as armoured text, the same for the same key", () => {
    const key = made();
    const again = { ...key, key: createPrivateKey(key.key.export({ format: "pem", type: "pkcs8" })) };
    assert.equal(armoredPublicKeys([key]), armoredPublicKeys([again]));
    assert.match(
      armoredPublicKeys([key]),
      /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n[A-Za-z0-9+/=\n]+\n=[A-Za-z0-9+/]{4}\n-----END PGP PUBLIC KEY BLOCK-----\n$/,
    );
  });
});
