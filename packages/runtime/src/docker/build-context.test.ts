import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { unpackTar } from "modern-tar";
import { openBuildContext } from "./build-context.ts";

const FILES = ["Dockerfile", "a", "b.log", "deep/a", "deep/b.log", "deep/er/a", "deep/er/c", "deeper/a", "é/ü", "with space/a"];

let folder: string;
const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const pack = async (dockerfile = "Dockerfile"): Promise<Buffer> => buffer(await openBuildContext(folder, dockerfile));
const namesOf = async (tar: Buffer): Promise<string[]> =>
  (await unpackTar(tar)).map(({ header }) => header.name.replace(/\/$/, "")).toSorted();

describe("a build context", () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "distd-context-"));
    for (const path of FILES) write(path, path);
    mkdirSync(join(folder, "empty"));
    symlinkSync("a", join(folder, "link"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("has the same bytes whenever and whosever its files are", async () => {
    const first = await pack();
    utimesSync(join(folder, "a"), 1, 1);
    utimesSync(join(folder, "deep"), 2, 2);
    assert.ok((await pack()).equals(first));
    for (const { header } of await unpackTar(first))
      assert.deepEqual([header.uid, header.gid, header.mtime?.getTime()], [0, 0, 0], header.name);
  });

  it("holds long names, large files and links", async () => {
    const long = `${"long/".repeat(60)}name-${"é".repeat(60)}`;
    write(long, "x".repeat(3_000_000));
    const entries = await unpackTar(await pack());
    rmSync(join(folder, "long"), { recursive: true });
    assert.equal(entries.find(({ header }) => header.name === long)?.data?.length, 3_000_000);
    assert.equal(entries.find(({ header }) => header.name === "link")?.header.linkname, "a");
  });

  it("that is no folder is an error before the first byte", async () => {
    await assert.rejects(openBuildContext(join(folder, "none"), "Dockerfile"), { code: "system/failed" });
    await assert.rejects(openBuildContext(join(folder, "a"), "Dockerfile"), { code: "system/failed" });
  });
});

const hasDocker = spawnSync("docker", ["--version"]).status === 0;
if (!hasDocker && process.env["CI"] === "true") throw new Error("there is no docker command");
if (!hasDocker) console.warn("skipped: build contexts are not compared, there is no docker command");

describe("a build context and that of the docker command", { skip: !hasDocker }, () => {
  let server: Server;
  let socket: string;
  let sent: Buffer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "distd-context-"));
    for (const path of FILES) write(path, path);
    socket = `${folder}.sock`;
    server = createServer((request, response) => {
      response.setHeader("api-version", "1.41");
      void buffer(request).then((body) => {
        if (request.url?.includes("/build") === true) sent = body;
        response.end(request.url?.includes("/build") === true ? '{"stream":"done"}' : "{}");
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve);
    });
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("have the same names in them, whatever .dockerignore says", { timeout: 60_000 }, async () => {
    const part = fc.constantFrom("a", "b.log", "deep", "er", "*", "**", "?", "*.log", "d*", "[a-c]", "[^a]", "é", "with space", "..", ".");
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const literal = fc.constantFrom("a", "deep/a", "deep/er", "deep/er/a", "deeper/a", "b.log");
    const line = fc.oneof(
      path,
      path,
      literal.map((text) => `!${text}`),
      fc.constantFrom("# a", "", " /a ", "Dockerfile", "*"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
        write(".dockerignore", `${lines.join("\n")}\n`);
        const env = { ...process.env, DOCKER_BUILDKIT: "0", DOCKER_HOST: `unix://${socket}`, HOME: folder };
        await promisify(execFile)("docker", ["build", "--quiet", folder], { env });
        assert.deepEqual(await namesOf(await pack()), await namesOf(sent));
      }),
      { numRuns: 60 },
    );
  });
});
