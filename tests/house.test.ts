import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ERROR_CODES } from "@distd/core";
import { FEEDS } from "@distd/feeds";
import { VERDICT_CODES, VERIFIERS } from "@distd/inspect/verify";
import { FORMATS } from "@distd/inspect";
import { COMMANDS } from "../packages/cli/src/commands/index.ts";
import { MIGRATIONS } from "../packages/server/src/db/migrations/index.ts";

/** What the project says about itself, held against the code. */
const root = join(import.meta.dirname, "..");
const names = (folder: string): string[] => readdirSync(join(root, folder));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const tracked = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .stdout.toString()
  .trim()
  .split("\n");
const sources = tracked.filter((path) => /\.tsx?$/.test(path) && existsSync(join(root, path)));

const isForTests = (path: string): boolean => path.includes(".test.") || path.includes("/test-support/");

describe("the house", () => {
  it("has a folder, a registry entry, a page and fixtures for every format", () => {
    const ids = FORMATS.map(({ id }) => id).toSorted();
    const folders = (place: string): string[] =>
      readdirSync(join(root, place), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted();
    assert.deepEqual(folders("packages/inspect/src/formats"), ids);
    assert.deepEqual(
      folders("fixtures/formats").filter((name) => name !== "make"),
      ids,
    );
    assert.deepEqual(
      names("docs/formats")
        .filter((name) => name !== "README.md")
        .map((name) => name.replace(".md", ""))
        .toSorted(),
      ids,
    );
  });

  it("has a folder, a registry entry and a page for every feed", () => {
    const ids = FEEDS.map(({ id }) => id).toSorted();
    const folders = readdirSync(join(root, "packages/feeds/src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, "packages/feeds/src", entry.name, "index.ts")))
      .map(({ name }) => name);
    assert.deepEqual(folders.toSorted(), ids);
    const pages = names("docs/feeds").filter((name) => name !== "README.md");
    assert.deepEqual(pages.map((name) => name.replace(".md", "")).toSorted(), ids);
  });

  it("has one file for every command, and one command in every file", () => {
    const files = names("packages/cli/src/commands")
      .filter((name) => name !== "index.ts")
      .map((name) => name.replace(".ts", ""))
      .toSorted();
    assert.deepEqual(files, COMMANDS.map(({ name }) => name.join("-")).toSorted());
  });

  it("has a folder and a page for every way of signing, and no others", () => {
    // What several of them have in common.
    const shared = ["cms", "x509"];
    const ids = VERIFIERS.map(({ id }) => id).toSorted();
    const folders = names("packages/inspect/src/verify").filter((name) => !name.includes(".") && !shared.includes(name));
    assert.deepEqual(folders.toSorted(), ids);
    const pages = names("docs/signatures").filter((name) => name !== "README.md");
    assert.deepEqual(
      pages.toSorted(),
      ids.map((id) => `${id}.md`),
    );
  });

  it("lists every signed fixture, with its digest and where it is from", () => {
    for (const folder of names("fixtures/signatures").filter((name) => name !== "make")) {
      const place = `fixtures/signatures/${folder}`;
      const rows = read(`${place}/MANIFEST.tsv`).trim().split("\n").slice(1);
      const files = tracked.filter((path) => path.startsWith(`${place}/`) && !/\/(?:README\.md|MANIFEST\.tsv)$/.test(path));
      assert.deepEqual(rows.map((row) => `${place}/${row.split("\t")[0]}`).toSorted(), files.toSorted());
      for (const row of rows) {
        const [file = "", digest, origin, licence] = row.split("\t");
        assert.equal(
          createHash("sha256")
            .update(readFileSync(join(root, place, file)))
            .digest("hex"),
          digest,
          `${place}/${file}`,
        );
        assert.ok(origin !== "" && licence === "Apache-2.0", row);
      }
    }
  });

  it("has an error code for every reason of a verdict", () => {
    for (const [code, kind] of Object.entries(VERDICT_CODES)) assert.ok(kind === "weak" || code in ERROR_CODES, code);
  });

  it("lists every migration, in order", () => {
    const files = names("packages/server/src/db/migrations")
      .filter((name) => name !== "index.ts")
      .map((name) => name.replace(".ts", ""));
    assert.deepEqual(
      MIGRATIONS.map(({ name }) => name),
      files.toSorted(),
    );
  });

  it("imports only downwards between packages", () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      core: [],
      inspect: ["core"],
      feeds: ["core"],
      client: ["core"],
      runtime: ["core"],
      server: ["core", "feeds", "inspect"],
      cli: ["client", "core", "feeds", "inspect"],
    };
    assert.deepEqual(Object.keys(allowed).toSorted(), names("packages").toSorted());
    for (const [name, below] of Object.entries(allowed)) {
      const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`)) as { dependencies?: Record<string, string> };
      const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith("@distd/"));
      assert.deepEqual(own.toSorted(), below.map((dependency) => `@distd/${dependency}`).toSorted());
      for (const path of sources.filter((source) => source.startsWith(`packages/${name}/`) && !isForTests(source))) {
        for (const [, target = ""] of read(path).matchAll(/from "(@distd\/[a-z]+|\.\.?\/[^"]+)"/g)) {
          if (target.startsWith("@distd/")) assert.ok(below.includes(target.slice(7)), `${path} imports ${target}`);
          else assert.ok(join(path, "..", target).startsWith(`packages/${name}/`), `${path} imports ${target}`);
        }
      }
    }
  });

  it("declares every library it imports, and imports every library it declares", () => {
    for (const name of names("packages")) {
      const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`)) as { dependencies?: Record<string, string> };
      const code = sources.filter((path) => path.startsWith(`packages/${name}/`)).map((path) => [path, read(path)] as const);
      const imported = new Set(
        code
          .filter(([path]) => !isForTests(path))
          .flatMap(([, text]) =>
            [...text.matchAll(/(?:from|import\() ?"((?:@[a-z.-]+\/)?[a-z0-9][a-z0-9.-]*)[^"]*"|jsxImportSource ([a-z]+)/g)].map(
              ([, library, jsx]) => library ?? jsx ?? "",
            ),
          )
          .filter((library) => !["node", "bun"].includes(library)),
      );
      assert.deepEqual([...imported].toSorted(), Object.keys(dependencies).toSorted(), name);
    }
  });

  it("has no names that say nothing, and no source file of more than 400 lines", () => {
    for (const path of sources) {
      assert.ok(!/(?:^|\/)(?:utils?|helpers?|common|misc|manager)\.tsx?$/.test(path), path);
      if (!path.includes(".test.")) assert.ok(read(path).split("\n").length <= 400, path);
    }
  });

  it("keeps ARCHITECTURE.md short and its paths true", () => {
    const text = read("ARCHITECTURE.md");
    assert.ok(text.split("\n").length <= 200);
    for (const [, link = ""] of text.matchAll(/\]\(([^)#:]+)\)/g)) assert.ok(existsSync(join(root, link)), link);
  });

  it("links only to pages that exist", () => {
    for (const page of tracked.filter((path) => path.endsWith(".md"))) {
      if (!existsSync(join(root, page))) continue;
      for (const [, link = ""] of read(page).matchAll(/\]\((?![a-z]+:)([^)#\s]+)[^)]*\)/g))
        assert.ok(existsSync(join(root, page, "..", link)), `${page} → ${link}`);
    }
  });

  it("lets no test be skipped or run alone by mark", () => {
    for (const path of sources.filter((source) => source.includes(".test.")))
      assert.ok(!/\b(?:it|describe|test)\.(?:only|todo|skip)\(/.test(read(path)), path);
  });
});
