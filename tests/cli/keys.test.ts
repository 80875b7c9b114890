import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isHere } from "../real-clients/client.ts";
import { makeDeb, makeNpm, NAME } from "../real-clients/packages.ts";
import { dist, inFolder } from "../support/dist.ts";
import { DISTD, startServer, type TestServer, withServer } from "../support/server.ts";

const PASSPHRASE = "correct horse battery staple";
/** The server looks once a second for changes that others made. */
const NOTICE_MS = 5_000;

async function keys(data: string, args: readonly string[], passphrase = PASSPHRASE) {
  const child = Bun.spawn([DISTD, "keys", ...args, "--data", data], {
    env: { PATH: process.env["PATH"] ?? "", DISTD_BACKUP_PASSPHRASE: passphrase },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, stdout, stderr };
}

async function publish({ url }: TestServer, version: string): Promise<void> {
  const packages = [makeDeb({ version }), makeNpm({ version })];
  const artifacts = packages.map(({ file }) => ({ path: file }));
  const manifest = JSON.stringify({ app: NAME, access: "public", version, channel: "stable", artifacts });
  await inFolder({ "dist.json": manifest, ...Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes])) }, async (cwd) => {
    const { code, stderr } = await dist(["ci", "publish"], { server: url, cwd });
    assert.equal(code, 0, stderr);
  });
}

async function listed(data: string): Promise<readonly { family: string; state: string; fingerprint: string }[]> {
  const { stdout } = await keys(data, ["list", "--json"]);
  return (JSON.parse(stdout) as { keys: { family: string; state: string; fingerprint: string }[] }).keys;
}

interface Packument {
  readonly versions: Record<string, { dist: { signatures: readonly { keyid: string }[] } }>;
}

async function signedWith({ url }: TestServer, version: string): Promise<string | undefined> {
  const { versions } = (await (await fetch(`${url}/npm/main/${NAME}`)).json()) as Packument;
  return versions[version]?.dist.signatures[0]?.keyid;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + NOTICE_MS; !(await holds()); await Bun.sleep(50))
    assert.ok(performance.now() < end, "the server did not notice");
}

const gnupg = { name: "GnuPG", missing: Bun.which("gpg") && Bun.which("gpgv") ? undefined : "this machine has no gpg" };

void describe("distd keys", { skip: !isHere(gnupg) }, () => {
  void it("lists and rotates them beside a running server, which signs with the next one", () =>
    withServer(async (server) => {
      assert.deepEqual(await listed(server.data), []);
      await publish(server, "1.0.0");
      const [openpgp, ecdsa] = await listed(server.data);
      assert.deepEqual([openpgp?.family, openpgp?.state, ecdsa?.family, ecdsa?.state], ["openpgp", "signs", "ecdsa-p256", "signs"]);
      assert.equal(await signedWith(server, "1.0.0"), ecdsa?.fingerprint);

      assert.equal((await keys(server.data, ["rotate", "--family", "ecdsa-p256"])).code, 0);
      const offered = async () =>
        ((await (await fetch(`${server.url}/npm/main/-/npm/v1/keys`)).json()) as { keys: { keyid: string; expires: string | null }[] })
          .keys;
      await until(async () => (await offered()).length === 2);
      const [next, old] = await offered();
      assert.deepEqual([next?.expires, old?.keyid], [null, ecdsa?.fingerprint]);
      assert.ok(Date.parse(old?.expires ?? "") <= Date.now());
      await publish(server, "1.1.0");
      assert.deepEqual([await signedWith(server, "1.0.0"), await signedWith(server, "1.1.0")], [ecdsa?.fingerprint, next?.keyid]);

      // Somebody else has it: what it signed is signed anew.
      assert.equal((await keys(server.data, ["rotate", "--family", "ecdsa-p256", "--compromised"])).code, 0);
      await until(async () => (await offered())[0]?.keyid !== next?.keyid);
      const now = await offered();
      assert.deepEqual(now.map(({ keyid }) => keyid).slice(1), [ecdsa?.fingerprint]);
      for (const version of ["1.0.0", "1.1.0"]) await until(async () => (await signedWith(server, version)) === now[0]?.keyid);
      assert.equal((await dist(["audit", "verify"], { server: server.url })).code, 0);
    }));

  void it("signs with both keys while one takes over", () =>
    withServer(async (server) => {
      await publish(server, "1.0.0");
      const before = await (await fetch(`${server.url}/apt/main/key.asc`)).text();
      assert.equal((await keys(server.data, ["rotate", "--family", "openpgp", "--overlap-days", "30"])).code, 0);
      await until(async () => (await (await fetch(`${server.url}/apt/main/key.asc`)).text()) !== before);
      const alone = (await keys(server.data, ["export", "--family", "openpgp"])).stdout;
      const message = await (await fetch(`${server.url}/apt/main/dists/stable/InRelease`)).text();
      for (const key of [before, alone]) assertVerifies(message, key);
      assert.deepEqual(
        (await listed(server.data)).filter(({ family }) => family === "openpgp").map(({ state }) => state),
        ["signs", "takes leave"],
      );
    }));

  void it("exports private keys that other programs sign with", () =>
    withServer(async (server) => {
      await publish(server, "1.0.0");
      const { stdout: secret } = await keys(server.data, ["export", "--family", "openpgp", "--secret"]);
      const { stdout: open } = await keys(server.data, ["export", "--family", "openpgp"]);
      await inFolder({ "secret.asc": secret, text: "a text\n" }, async (home) => {
        const gpg = (...args: string[]) => Bun.spawnSync(["gpg", "--homedir", home, "--batch", "--yes", ...args], { cwd: home });
        assert.equal(gpg("--import", "secret.asc").exitCode, 0);
        const signed = gpg("--clearsign", "--output", "-", "text");
        assert.equal(signed.exitCode, 0, signed.stderr.toString());
        assertVerifies(signed.stdout.toString(), open);
      });
      const { stdout: pem } = await keys(server.data, ["export", "--family", "ecdsa-p256", "--secret"]);
      assert.match(pem, /^-----BEGIN PRIVATE KEY-----/);
    }));

  void it("backs them up under a passphrase, and puts back what is lost", async () => {
    const data = mkdtempSync(join(tmpdir(), "distd-keys-"));
    const file = join(data, "keys.backup");
    try {
      const first = await startServer({ data });
      await publish(first, "1.0.0");
      const { publicKey } = (await (await fetch(`${first.url}/api/v1/instance`)).json()) as { publicKey: string };
      const before = await listed(data);
      assert.equal((await keys(data, ["backup", "--file", file])).code, 0);
      const text = readFileSync(file, "utf8");
      assert.ok(!text.includes("PRIVATE KEY"));
      assert.match((await keys(data, ["backup", "--file", file])).stderr, /is there already/);
      assert.match((await keys(data, ["backup", "--file", `${file}.2`], "short")).stderr, /fewer than 12/);
      await first.stop();

      renameSync(join(data, "keys"), join(data, "lost"));
      assert.match((await keys(data, ["restore", "--file", file], "another passphrase")).stderr, /passphrase is another one/);
      writeFileSync(`${file}.cut`, text.slice(0, -40));
      assert.match((await keys(data, ["restore", "--file", `${file}.cut`])).stderr, /no backup of keys/);
      assert.ok(!existsSync(join(data, "keys", "instance.pem")), "a restore that fails leaves nothing");
      assert.equal((await keys(data, ["restore", "--file", file])).code, 0);
      assert.deepEqual(await listed(data), before);
      await withServer(
        async (server) => {
          assert.equal(((await (await fetch(`${server.url}/api/v1/instance`)).json()) as { publicKey: string }).publicKey, publicKey);
          await publish(server, "1.1.0");
        },
        { data },
      );
      rmSync(join(data, "keys"), { recursive: true });
      assert.match((await keys(data, ["list"])).stderr, /sealed under another instance key/);
      assert.match((await keys(data, ["restore", "--file", file])).stderr, /is another instance's key/);
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });

  void it("says what is wrong with how it is called", () =>
    withServer(async (server) => {
      const cases: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
        [["burn"], 2, /does list, rotate, export, backup, restore/],
        [["rotate"], 2, /name a family/],
        [["rotate", "--family", "openpgp", "--overlap-days", "soon"], 2, /not a number of days/],
        [["rotate", "--family", "openpgp"], 10, /there is no repository 'main'/],
        [["export", "--family", "openpgp", "--repository", "nobody"], 10, /there is no repository 'nobody'/],
        [["backup"], 2, /name the file/],
      ];
      for (const [args, code, said] of cases) {
        const ran = await keys(server.data, args);
        assert.equal(ran.code, code, `${args.join(" ")}: ${ran.stderr}`);
        assert.match(ran.stderr, said);
      }
    }));
});

function assertVerifies(message: string, key: string): void {
  const folder = mkdtempSync(join(tmpdir(), "distd-gpgv-"));
  try {
    const binary = Buffer.from(key.split("\n\n")[1]?.split("\n=")[0] ?? "", "base64");
    writeFileSync(join(folder, "key.gpg"), binary);
    writeFileSync(join(folder, "message"), message);
    const ran = Bun.spawnSync(["gpgv", "--keyring", join(folder, "key.gpg"), join(folder, "message")]);
    // gpgv also fails for the key it does not have: one good signature is what apt wants.
    assert.match(ran.stderr.toString(), /Good signature/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
