import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DistError } from "@distd/core";
import type { Command } from "../command.ts";

const MAX_DEPTH = 4;
const endings = [".apk", ".ipa"];

export const init: Command = {
  name: ["init"],
  summary: "Write a first dist.json from what lies in this folder",
  positionals: [],
  options: {
    app: { type: "string", value: "SLUG", summary: "name of the app; the folder's name when absent" },
    manifest: { type: "string", value: "FILE", summary: "file to write; dist.json when absent" },
  },
  async run({ option, output }) {
    const path = option("manifest") ?? "dist.json";
    if (existsSync(path))
      throw new DistError("usage/invalid", `${path} is there already`, { hint: "edit it, or name another with --manifest" });
    const slug = option("app") ?? slugOf(basename(resolve(".")));
    const found = findBuilds(".", 0);
    const artifacts = (found.length > 0 ? found : ["build/app.apk"]).map((file) => ({ path: file }));
    const manifest = { app: slug, version: packageVersion() ?? "0.1.0", channel: "beta", artifacts };
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    output.result({ file: path, manifest }, `wrote ${path} with ${found.length} artifact(s) found\nnext: dist ci publish\n`);
    return 0;
  },
};

function slugOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 64) || "app"
  );
}

function packageVersion(): string | undefined {
  if (!existsSync("package.json")) return undefined;
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version?: unknown };
  return typeof version === "string" ? version : undefined;
}

function findBuilds(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return findBuilds(path, depth + 1);
    return endings.some((ending) => entry.name.toLowerCase().endsWith(ending)) ? [path] : [];
  });
}
