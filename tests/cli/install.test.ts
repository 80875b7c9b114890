// One lifecycle on a machine, with the real command and the real server: install, run, update, roll back, uninstall.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dist, inFolder, type Ran, startDist } from "../support/dist.ts";
import { startServer, type TestServer, withServer } from "../support/server.ts";
import { withStub } from "../support/stub-server.ts";

let server: TestServer;
let work: string;
before(async () => {
  server = await startServer();
  work = mkdtempSync(join(tmpdir(), "dist-install-"));
});
after(async () => {
  await server.stop();
  rmSync(work, { recursive: true });
});

/** A program as an archive: `bin/NAME` prints its version. */
function archive(version: string, names: readonly string[] = ["lantern"]): string {
  const tree = mkdtempSync(join(work, "tree-"));
  mkdirSync(join(tree, "lantern/bin"), { recursive: true });
  writeFileSync(join(tree, "lantern/README"), version);
  for (const name of names) writeFileSync(join(tree, "lantern/bin", name), `#!/bin/sh\necho ${name} ${version}\n`, { mode: 0o755 });
  const path = join(tree, `lantern-${version}.tar.gz`);
  assert.equal(spawnSync("tar", ["-C", tree, "-czf", path, "lantern"]).status, 0);
  return path;
}
async function publish(
  app: string,
  version: string,
  path: string,
  more: Readonly<Record<string, unknown>> = {},
  to = server,
): Promise<void> {
  const { access = "public", ...entry } = more;
  const artifacts = [{ path, platform: "linux", arch: "any", ...entry }];
  const manifest = JSON.stringify({ app, access, version, channel: "stable", artifacts });
  await inFolder({ "dist.json": manifest }, async (cwd) => {
    const ran = await dist(["ci", "publish"], { server: to.url, cwd });
    assert.equal(ran.code, 0, ran.stderr);
  });
}
const prefixes = (): string => mkdtempSync(join(work, "prefix-"));
const at = (prefix: string, url = server.url, token = "") => ({
  run: (...args: readonly string[]): Promise<Ran> => dist([...args, "--prefix", prefix], { server: url, token }),
  says: (name: string): string => spawnSync(join(prefix, "bin", name), { encoding: "utf8" }).stdout,
});
async function fine(ran: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await ran;
  assert.equal(code, 0, stderr || stdout);
  return stdout;
}
const everything = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];

describe("an app on a machine", { skip: process.platform === "linux" ? false : "programs of this test are for Linux" }, () => {
  it("is installed, run, updated, rolled back and removed, and leaves nothing", { timeout: 60_000 }, async () => {
    const prefix = prefixes();
    const { run, says } = at(prefix);
    await publish("lantern", "1.0.0", archive("1.0.0"));
    const installed = await fine(run("install", "lantern@stable"));
    assert.match(installed, /^installed lantern 1\.0\.0\n {2}tarball for linux, any architecture: the only one that runs on linux/);
    assert.equal(says("lantern"), "lantern 1.0.0\n");
    assert.match(await fine(run("update")), /^lantern 1\.0\.0 is what is live on stable$/m);
    await publish("lantern", "1.1.0", archive("1.1.0", ["lantern", "lantern-ctl"]));
    assert.match(await fine(run("update", "lantern")), /^lantern 1\.0\.0 → 1\.1\.0$/m);
    assert.deepEqual([says("lantern"), says("lantern-ctl")], ["lantern 1.1.0\n", "lantern-ctl 1.1.0\n"]);
    await fine(run("rollback", "lantern"));
    assert.equal(says("lantern"), "lantern 1.0.0\n");
    assert.equal(existsSync(join(prefix, "bin/lantern-ctl")), false);
    await fine(run("rollback", "lantern"));
    assert.equal(says("lantern"), "lantern 1.1.0\n");
    assert.match(await fine(run("list")), /^lantern +1\.1\.0 +stable +127\.0\.0\.1:\d+ +lantern, lantern-ctl$/m);
    await fine(run("uninstall", "lantern"));
    assert.deepEqual(everything(join(prefix, "bin")), []);
    // What is remembered of the server stays: it must not go back in time.
    const left = everything(join(prefix, "share/dist")).filter((name) => lstatSync(join(prefix, "share/dist", name)).isFile());
    assert.deepEqual(left.toSorted(), ["hubs.json", "registry.json"]);
    assert.match(await fine(run("list")), /nothing is installed/);
  });

  it("follows the channel back when its release is rolled back", { timeout: 60_000 }, async () => {
    const { run, says } = at(prefixes());
    await publish("tides", "1.0.0", archive("1.0.0"));
    await publish("tides", "2.0.0", archive("2.0.0"));
    await fine(run("install", "tides"));
    assert.equal(says("lantern"), "lantern 2.0.0\n");
    await fine(dist(["channel", "rollback", "tides", "stable"], { server: server.url }));
    assert.match(await fine(run("update")), /tides 2\.0\.0 → 1\.0\.0/);
    assert.equal(says("lantern"), "lantern 1.0.0\n");
  });

  it("may be one program, which gets the app's name", { timeout: 60_000 }, async () => {
    const program = join(work, "hello-linux-x64");
    writeFileSync(program, readFileSync("/bin/true"));
    chmodSync(program, 0o755);
    const prefix = prefixes();
    const { run } = at(prefix);
    await publish("hello", "1.0.0", program, { arch: process.arch });
    await fine(run("install", "hello@stable"));
    assert.equal(spawnSync(join(prefix, "bin/hello")).status, 0);
  });

  it("of members needs a token, which the server it is from gets and nobody else", { timeout: 60_000 }, async () => {
    await publish("inner", "1.0.0", archive("1.0.0"), { access: "members" });
    const prefix = prefixes();
    const refused = await at(prefix).run("install", "inner@stable");
    assert.deepEqual([refused.code, /^code: auth\/required$/m.test(refused.stderr)], [12, true]);
    const said = await fine(dist(["token", "create", "--app", "inner", "--scope", "read", "--json"], { server: server.url }));
    const { secret } = JSON.parse(said) as { secret: string };
    await fine(at(prefix, server.url, secret).run("install", "inner@stable"));
    // The same machine, a token for another server.
    let shown: string | null = "nothing";
    await withStub(
      (request) => {
        shown = request.headers.get("authorization");
        return Response.json({});
      },
      async (url) => {
        const ran = await at(prefix, url, secret).run("update");
        assert.notEqual(ran.code, 0);
      },
    );
    assert.equal(shown, "nothing");
  });
});

/** What stands in the way → the code. Nothing is changed by any of it. */
describe("what is not installed", { skip: process.platform === "linux" ? false : "as above" }, () => {
  const code = ({ stderr }: Ran): string | undefined => /^code: (\S+)$/m.exec(stderr)?.[1];

  it("is what is not for this machine, said with what there is", async () => {
    const { run } = at(prefixes());
    await publish("for-others", "1.0.0", archive("1.0.0"), { platform: "macos", arch: "arm64" });
    const ran = await run("install", "for-others@stable");
    assert.deepEqual([ran.code, code(ran)], [10, "artifact/not-found"]);
    assert.match(ran.stderr, /it has: macos\/arm64\/tarball/);
  });

  it("is what the system's own installer installs: the steps are told", async () => {
    const deb = join(import.meta.dirname, "../../fixtures/signatures/deb/unsigned.deb");
    const { run } = at(prefixes());
    await publish("a-deb", "1.0.0", deb, { arch: undefined });
    const ran = await run("install", "a-deb@stable");
    assert.deepEqual([ran.code, code(ran)], [40, "install/by-hand"]);
    assert.match(ran.stderr, /hint: by hand: curl -fLO http\S+\/unsigned\.deb && sudo apt install \.\/unsigned\.deb/);
  });

  it("is a command over somebody else's", async () => {
    const prefix = prefixes();
    mkdirSync(join(prefix, "bin"));
    writeFileSync(join(prefix, "bin/lantern"), "mine");
    await publish("taken", "1.0.0", archive("1.0.0"));
    const ran = await at(prefix).run("install", "taken@stable");
    assert.deepEqual([ran.code, code(ran)], [11, "install/name-taken"]);
    assert.equal(readFileSync(join(prefix, "bin/lantern"), "utf8"), "mine");
    assert.match(await fine(at(prefix).run("list")), /nothing is installed/);
  });

  it("is what a server says that has another key, or an older state, than before", { timeout: 60_000 }, async () => {
    const data = mkdtempSync(join(work, "data-"));
    const prefix = prefixes();
    const flags = ["--public-url", "http://127.0.0.1:1"];
    let asked = "";
    /** In front of one server and then another, under one address. */
    const front = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => fetch(asked + new URL(request.url).pathname, { headers: request.headers }),
    });
    const { run } = at(prefix, `http://127.0.0.1:${front.port}`);
    try {
      await withServer(
        async (first) => {
          asked = first.url;
          await publish("moved", "1.0.0", archive("1.0.0"), {}, first);
          // The files are at the public address, where nobody answers: the document has to be believed before that matters.
          assert.equal(code(await run("install", "moved@stable")), "network/unreachable");
        },
        { data, flags },
      );
      await withServer(
        async (other) => {
          asked = other.url;
          await publish("moved", "6.6.6", archive("6.6.6"), {}, other);
          const ran = await run("install", "moved@stable");
          assert.deepEqual([ran.code, code(ran)], [20, "channel/not-believed"]);
          assert.match(ran.stderr, /not signed with the key it had before/);
        },
        { flags },
      );
    } finally {
      await front.stop(true);
    }
  });

  it("is not there before", async () => {
    const { run } = at(prefixes());
    for (const command of ["rollback", "uninstall", "update"])
      assert.equal(code(await run(command, "nothing")), "install/not-found", command);
    await publish("single", "1.0.0", archive("1.0.0"));
    await fine(run("install", "single@stable"));
    assert.equal(code(await run("rollback", "single")), "install/nothing-before");
  });
});

describe("a machine that stops at any point", { skip: process.platform === "linux" ? false : "as above" }, () => {
  it("has the old version or the new one, never neither", { timeout: 120_000 }, async () => {
    const prefix = prefixes();
    const { run, says } = at(prefix);
    await publish("killed", "1.0.0", archive("1.0.0"));
    await fine(run("install", "killed@stable"));
    await publish("killed", "2.0.0", archive("2.0.0"));
    const seen = new Set<string>();
    for (let pauseMs = 0; pauseMs < 400; pauseMs += 10) {
      const child = startDist(["update", "--prefix", prefix], { server: server.url, token: "" });
      await Bun.sleep(pauseMs);
      child.kill("SIGKILL");
      await child.exited;
      const said = says("lantern");
      assert.match(said, /^lantern [12]\.0\.0\n$/, `killed after ${pauseMs} ms`);
      seen.add(said);
      if (said === "lantern 2.0.0\n") {
        assert.match(await fine(run("update")), /killed 2\.0\.0|killed 1\.0\.0 → 2\.0\.0/);
        await fine(run("rollback", "killed"));
        assert.equal(says("lantern"), "lantern 1.0.0\n");
      }
    }
    assert.match(await fine(run("update")), /2\.0\.0/);
    assert.equal(says("lantern"), "lantern 2.0.0\n");
    assert.ok(seen.has("lantern 1.0.0\n"), "no kill came before the new version");
    const leftovers = everything(join(prefix, "share/dist")).filter((name) => /\.new(?:\/|$)|\.gone/.test(name));
    await fine(run("uninstall", "killed"));
    assert.deepEqual(everything(join(prefix, "share/dist/apps")), [], leftovers.join());
  });
});
