import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findSocket } from "./find-socket.ts";

let home: string;
const write = (path: string, text: string): string => {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const writeContext = (name: string, address: string): string =>
  write(
    `.docker/contexts/meta/${createHash("sha256").update(name).digest("hex")}/meta.json`,
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: address } } }),
  );
const found = (environment: Record<string, string> = {}, host?: string): string => findSocket(host, { HOME: home, ...environment }).path;

describe("the daemon's socket", () => {
  before(() => {
    home = mkdtempSync(join(tmpdir(), "distd-home-"));
    writeContext("colima", "unix:///colima.sock");
    writeContext("far", "ssh://somebody@far");
  });
  after(() => rmSync(home, { recursive: true }));

  it("is the one named, then DOCKER_HOST, then the context", () => {
    write(".docker/config.json", JSON.stringify({ currentContext: "colima" }));
    assert.equal(found({ DOCKER_HOST: "unix:///two.sock", DOCKER_CONTEXT: "colima" }, "unix:///one.sock"), "/one.sock");
    assert.equal(found({ DOCKER_HOST: "unix:///two.sock", DOCKER_CONTEXT: "colima" }), "/two.sock");
    assert.equal(found(), "/colima.sock");
    assert.equal(found({ DOCKER_HOST: "", DOCKER_CONTEXT: "colima" }), "/colima.sock");
  });

  it("is a usual one when the context is the default", { skip: process.platform === "win32" }, () => {
    write(".docker/config.json", JSON.stringify({ currentContext: "default" }));
    const runtime = join(home, "run");
    const podman = write("run/podman/podman.sock", "");
    const path = found({ XDG_RUNTIME_DIR: runtime });
    assert.ok(path === podman || path === "/var/run/docker.sock", path);
    const colima = write(".colima/default/docker.sock", "");
    const better = found({ XDG_RUNTIME_DIR: runtime });
    assert.ok(better === colima || better === "/var/run/docker.sock", better);
  });

  it("comes with the command that starts its daemon", () => {
    assert.equal(findSocket("unix:///home/x/.colima/default/docker.sock", {}).startCommand, "colima start");
    assert.match(findSocket("unix:///run/user/1000/podman/podman.sock", {}).startCommand, /podman/);
    assert.match(findSocket("unix:///var/run/docker.sock", {}).startCommand, /docker/i);
  });

  it("is on this machine", () => {
    for (const host of ["tcp://10.0.0.1:2375", "ssh://a@b", "10.0.0.1"])
      assert.throws(() => found({}, host), { code: "runtime/unsupported-option" });
    assert.throws(() => found({ DOCKER_CONTEXT: "far" }), { code: "runtime/unsupported-option" });
  });

  it("cannot be told by a context that is not there, or by a damaged file", () => {
    assert.throws(() => found({ DOCKER_CONTEXT: "none" }), { code: "runtime/daemon-unavailable", message: /'none'/ });
    write(".docker/config.json", "{");
    assert.throws(() => found(), { code: "runtime/daemon-unavailable", message: /config\.json/ });
  });
});
