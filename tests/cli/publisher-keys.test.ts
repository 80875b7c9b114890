// Who may sign what is published: through the real commands and the real server.
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ArtifactFacts } from "@distd/core";
import type { GateResultDocument, PublishDocument } from "@distd/core/wire";
import { readCertificate } from "../../packages/inspect/src/verify/x509/certificate.ts";
import { writeTicket } from "../../fixtures/signatures/make/apple-ticket.ts";
import { signPkg, staple, tableHash } from "../../packages/inspect/src/test-support/apple/signed-pkg.ts";
import { dist, inFolder, type Ran } from "../support/dist.ts";
import { withServer } from "../support/server.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
const android = (name: string): string => join(FIXTURES, "signatures/android", name);
const rpm = (name: string): string => join(FIXTURES, "signatures/rpm", name);
const windows = (name: string): string => join(FIXTURES, "signatures/windows", name);
const subjectOf = (path: string): string => readCertificate(new X509Certificate(readFileSync(path)).raw).facts.subject;
const DMG = join(FIXTURES, "formats/dmg/ok/no-app.dmg");
const ZIP = readFileSync(join(FIXTURES, "formats/zip/ok/texts.zip"));

type Run = (...args: readonly string[]) => Promise<Ran>;
interface Publish {
  readonly version: string;
  readonly channel?: string;
  readonly artifacts: readonly (string | Readonly<Record<string, unknown>>)[];
}

/** A server, and a folder to publish from. `publish` writes the manifest and runs `dist ci publish`. */
function withApp(
  files: Readonly<Record<string, string | Uint8Array>>,
  body: (publish: (release: Publish, ...args: string[]) => Promise<Ran>, run: Run, url: string) => Promise<void>,
): Promise<void> {
  return withServer((server) =>
    inFolder(files, async (cwd) => {
      const run: Run = (...args) => dist([...args, "--json"], { server: server.url, cwd });
      const publish = ({ version, channel = "beta", artifacts }: Publish, ...args: string[]): Promise<Ran> => {
        const entries = artifacts.map((entry) => (typeof entry === "string" ? { path: entry } : entry));
        const manifest = { app: "lantern", access: "public", version, channel, artifacts: entries };
        return inFolder({ "dist.json": JSON.stringify(manifest), ...files }, (folder) =>
          dist(["ci", "publish", "--json", ...args], { server: server.url, cwd: folder }),
        );
      };
      await body(publish, run, server.url);
    }),
  );
}

function errorsOf(refused: Ran): readonly GateResultDocument[] {
  assert.equal(refused.code, 21, refused.stderr);
  return refused.json<{ details: { checks: GateResultDocument[] } }>().details.checks.filter(({ severity }) => severity === "error");
}

const checksOf = (refused: Ran): string[] => errorsOf(refused).map(({ check }) => check);
const fine = (ran: Ran): void => assert.equal(ran.code, 0, ran.stderr || ran.stdout);

describe("an APK on a live channel", () => {
  it("signed by another key is refused with both certificates, with a valid lineage it is taken, and back it does not go", () =>
    withApp({}, async (publish) => {
      fine(await publish({ version: "1.0.0", artifacts: [android("of-old.apk")] }));
      const [error, ...more] = errorsOf(await publish({ version: "1.1.0", artifacts: [android("v1-v2-v3.apk")] }));
      assert.deepEqual([error?.check, more], ["gate/signer-changed", []]);
      assert.match(error?.live ?? "", /Test signer of old.*\(sha256:[0-9a-f]{64}\)/);
      assert.match(error?.offered ?? "", /Test signer of today.*\(sha256:[0-9a-f]{64}\)/);
      assert.match(error?.message ?? "", /Test signer of today.*on Android API level 21 to 23 by .*Test signer of old/);

      fine(await publish({ version: "1.2.0", artifacts: [android("rotated.apk")] }));
      const [back] = errorsOf(await publish({ version: "1.3.0", artifacts: [android("v1-sha1-short-key.apk")] }));
      assert.equal(back?.check, "gate/signer-changed");
    }));

  it("does not go back to the old key after a rotation, on the phones that know the new one", () =>
    withApp({}, async (publish) => {
      fine(await publish({ version: "1.0.0", artifacts: [android("rotated.apk")] }));
      const [error] = errorsOf(await publish({ version: "1.1.0", artifacts: [android("of-old.apk")] }));
      assert.equal(error?.check, "gate/signer-changed");
      assert.match(error?.message ?? "", /API level 28 and newer/);
    }));

  it("is told so before anything is uploaded, with a token that may only publish", () =>
    withApp({}, async (publish, run, server) => {
      fine(await publish({ version: "1.0.0", artifacts: [android("of-old.apk")] }));
      const { secret: token } = (await run("token", "create", "--scope", "publish")).json<{ secret: string }>();
      const check = ["release", "check", "--app", "lantern", "--channel", "beta", android("v1-v2-v3.apk")];
      const checked = await dist(check, { server, token });
      assert.equal(checked.code, 21, checked.stderr);
      assert.match(checked.stdout, /gate\/signer-changed/);
    }));
});

describe("what nobody signed", () => {
  it("does not reach stable, by publishing nor by promoting", () =>
    withApp({}, async (publish, run) => {
      assert.deepEqual(checksOf(await publish({ version: "1.0.0", channel: "stable", artifacts: [DMG] })), ["gate/unsigned"]);
      fine(await publish({ version: "1.0.0", channel: "nightly", artifacts: [DMG] }));
      const promoted = await run("channel", "promote", "lantern", "stable", "1.0.0");
      assert.deepEqual(checksOf(promoted), ["gate/unsigned"]);
    }));

  it("reaches it no more where the one before was signed", () =>
    withApp({}, async (publish) => {
      fine(await publish({ version: "1.0.0", artifacts: [windows("exe/signed.exe")] }));
      const [error] = errorsOf(await publish({ version: "1.1.0", artifacts: [windows("catalogue/unsigned.exe")] }));
      assert.equal(error?.check, "gate/signer-changed");
      assert.match(error?.message ?? "", /^it is signed by nobody, what is live by .*Test Signer/);
    }));

  it("reaches it where the app's policy says so", () =>
    withApp({ "gate.json": JSON.stringify({ channels: { stable: { "gate/unsigned": "warning" } } }) }, async (publish, run) => {
      fine(await publish({ version: "1.0.0", channel: "nightly", artifacts: [DMG] }));
      fine(await run("app", "policy", "lantern", "--gate", "gate.json"));
      fine(await run("channel", "promote", "lantern", "stable", "1.0.0"));
    }));
});

describe("an installer for macOS", () => {
  const signed = signPkg();
  const files = {
    "signed.pkg": signed,
    "notarized.pkg": staple(signed, writeTicket({ hashes: [tableHash(signed)] })),
    // Apple's test root is nobody's but the tests'.
    "gate.json": JSON.stringify({ rules: { authorities: [readFileSync(join(FIXTURES, "signatures/apple/keys/root.pem"), "utf8")] } }),
  };

  it("reaches stable with a notarization ticket, and without one a nightly channel only", () =>
    withApp(files, async (publish, run, url) => {
      fine(await run("app", "create", "lantern", "--access", "public"));
      fine(await run("app", "policy", "lantern", "--gate", "gate.json"));
      assert.deepEqual(checksOf(await publish({ version: "1.0.0", channel: "stable", artifacts: ["signed.pkg"] })), ["gate/not-notarized"]);
      fine(await publish({ version: "1.0.0", channel: "nightly", artifacts: ["signed.pkg"] }));
      fine(await publish({ version: "1.1.0", channel: "stable", artifacts: ["notarized.pkg"] }));
      const page = async (channel: string): Promise<string> => (await fetch(`${url}/a/lantern/${channel}`)).text();
      assert.match(await page("stable"), /Signed by Test Developer ID Installer, intact, trusted, notarized</);
      assert.match(await page("nightly"), /Signed by Test Developer ID Installer, intact, trusted, not notarized</);
    }));
});

function makeKey(): { readonly key: string; readonly secret: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { key: Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64"), secret: privateKey };
}

describe("an app that names its keys", () => {
  const [own, other] = [makeKey(), makeKey()];
  const signedBy = ({ secret }: typeof own, bytes: Uint8Array): string => sign(null, bytes, secret).toString("base64");
  const archive = { path: "lantern.zip", platform: "macos" };

  it("takes an archive with a signature of theirs beside it, and no other", () =>
    withApp(
      {
        "gate.json": JSON.stringify({ rules: { keys: [own.key] } }),
        "lantern.zip": ZIP,
        "lantern.zip.edsig": signedBy(own, ZIP),
        "other.zip": ZIP,
        "other.zip.edsig": signedBy(other, ZIP),
      },
      async (publish, run, url) => {
        fine(await run("app", "create", "lantern", "--access", "public"));
        fine(await run("app", "policy", "lantern", "--gate", "gate.json"));
        assert.deepEqual(checksOf(await publish({ version: "1.0.0", artifacts: [archive] })), ["gate/signer-not-allowed"]);
        const foreign = [{ ...archive, path: "other.zip" }, "other.zip.edsig"];
        assert.deepEqual(checksOf(await publish({ version: "1.0.0", artifacts: foreign })), ["gate/not-intact", "gate/signer-not-allowed"]);

        const taken = await publish({ version: "1.0.0", artifacts: [archive, "lantern.zip.edsig"] });
        fine(taken);
        const { artifacts } = taken.json<PublishDocument>();
        const of = (name: string) => artifacts.find(({ path }) => path.endsWith(name));
        const { signing } = (of("lantern.zip") ?? assert.fail()).facts as unknown as ArtifactFacts;
        assert.deepEqual([signing.intact, signing.trusted, signing.signatures?.[0]?.signer?.keyId], [true, true, own.key]);
        const { platform, variant, role } = of(".edsig") ?? assert.fail();
        assert.deepEqual([platform, variant, role], ["macos", "zip-sparkle", "signature"]);
        const page = await (await fetch(`${url}/a/lantern/beta`)).text();
        assert.match(page, /Signed by [^<]*, intact, trusted/);
      },
    ));

  it("says so before anything is uploaded", () =>
    withApp(
      {
        "gate.json": JSON.stringify({ rules: { keys: [own.key] } }),
        "lantern.zip": ZIP,
        "lantern.zip.edsig": signedBy(own, ZIP),
      },
      async (_, run) => {
        fine(await run("app", "create", "lantern"));
        fine(await run("app", "policy", "lantern", "--gate", "gate.json"));
        assert.equal((await run("release", "check", "--app", "lantern", "lantern.zip")).code, 21);
        fine(await run("release", "check", "--app", "lantern", "lantern.zip", "lantern.zip.edsig"));
      },
    ));

  it("takes an rpm signed with the OpenPGP key it gives whole, and no other", () =>
    withApp(
      {
        "rsa.json": JSON.stringify({ rules: { keys: [readFileSync(rpm("keys/rsa.asc"), "latin1")] } }),
        "stranger.json": JSON.stringify({ rules: { keys: [readFileSync(rpm("keys/stranger.asc"), "latin1")] } }),
      },
      async (publish, run) => {
        fine(await run("app", "create", "lantern"));
        fine(await run("app", "policy", "lantern", "--gate", "stranger.json"));
        assert.deepEqual(checksOf(await publish({ version: "1.0", artifacts: [rpm("rsa.rpm")] })), ["gate/signer-not-allowed"]);
        fine(await run("app", "policy", "lantern", "--gate", "rsa.json"));
        assert.deepEqual(checksOf(await publish({ version: "1.0", artifacts: [rpm("ed25519.rpm")] })), ["gate/signer-not-allowed"]);
        assert.deepEqual(checksOf(await publish({ version: "1.0", artifacts: [rpm("unsigned.rpm")] })), ["gate/signer-not-allowed"]);
        fine(await publish({ version: "1.0", artifacts: [rpm("rsa.rpm")] }));
      },
    ));

  it("takes a program by a subject under an authority it names, and by nobody who only calls himself so", () => {
    const authority = readFileSync(windows("keys/root.pem"), "utf8");
    const named = subjectOf(windows("keys/signer.pem"));
    return withApp(
      {
        "alone.json": JSON.stringify({ rules: { subjects: [named] } }),
        "authority.json": JSON.stringify({ rules: { subjects: [named], authorities: [authority] } }),
      },
      async (publish, run) => {
        const program = windows("exe/signed.exe");
        fine(await run("app", "create", "lantern"));
        fine(await run("app", "policy", "lantern", "--gate", "alone.json"));
        const [error] = errorsOf(await publish({ version: "1.0.0", artifacts: [program] }));
        assert.equal(error?.check, "gate/signer-not-allowed");
        assert.match(error?.message ?? "", /nobody trusted stands for it/);
        fine(await run("app", "policy", "lantern", "--gate", "authority.json"));
        assert.deepEqual(checksOf(await publish({ version: "1.0.0", artifacts: [windows("exe/stranger.exe")] })), [
          "gate/signer-not-allowed",
        ]);
        fine(await publish({ version: "1.0.0", artifacts: [program] }));
      },
    );
  });

  it("trusts the certificate it names, and says so", () => {
    const digest = new X509Certificate(readFileSync(android("keys/new.pem"))).fingerprint256.replaceAll(":", "").toLowerCase();
    return withApp({ "gate.json": JSON.stringify({ rules: { signers: [digest] } }) }, async (publish, run, url) => {
      fine(await run("app", "create", "lantern", "--access", "public"));
      fine(await run("app", "policy", "lantern", "--gate", "gate.json"));
      assert.deepEqual(checksOf(await publish({ version: "1.0.0", artifacts: [android("of-old.apk")] })), ["gate/signer-not-allowed"]);
      fine(await publish({ version: "1.0.0", artifacts: [android("v1-v2-v3.apk")] }));
      assert.match(
        await (await fetch(`${url}/a/lantern/beta`)).text(),
        /Signed by Test signer of today, everybody has its key, intact, trusted</,
      );
    });
  });

  it("cannot say that signatures need not hold", () =>
    withApp({ "gate.json": JSON.stringify({ checks: { "gate/not-intact": "warning" } }) }, async (_, run) => {
      fine(await run("app", "create", "lantern"));
      const refused = await run("app", "policy", "lantern", "--gate", "gate.json");
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /the same for all apps/);
    }));

  it("does not take what is no key for one", () =>
    withApp({ "gate.json": JSON.stringify({ rules: { keys: ["-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx"] } }) }, async (_, run) => {
      fine(await run("app", "create", "lantern"));
      const refused = await run("app", "policy", "lantern", "--gate", "gate.json");
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /no public key/);
    }));
});
