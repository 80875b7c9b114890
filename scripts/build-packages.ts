/**
 * `npm run build:packages`: core and inspect as npm packages in build/packages: JavaScript for Node ≥ 22.22 and Bun, types, README. Installed from
 * there they need nothing of this repository.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const OUT = join(root, "build/packages");
const NODE = ">=22.22";

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

rmSync(OUT, { recursive: true, force: true });
for (const name of ["core", "inspect"]) build(name);

function build(name: string): void {
  const source = join(root, "packages", name);
  const out = join(OUT, name);
  mkdirSync(out, { recursive: true });
  const config = join(out, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    allowImportingTsExtensions: false,
    rootDir: join(source, "src"),
    outDir: join(out, "dist"),
  };
  const exclude = ["**/*.test.ts", "**/test-support/**"].map((pattern) => join(source, "src", pattern));
  writeFileSync(
    config,
    JSON.stringify({ extends: join(source, "tsconfig.json"), compilerOptions, include: [join(source, "src")], exclude }),
  );
  const ran = Bun.spawnSync([join(root, "node_modules/.bin/tsc"), "-p", config], { stdout: "inherit", stderr: "inherit" });
  rmSync(config);
  if (ran.exitCode !== 0) throw new Error(`${name} does not compile`);
  const { exports, ...own } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as PackageJson & { private?: boolean };
  const built = Object.entries(exports).map(([path, file]) => {
    const stem = file.replace("./src/", "./dist/").replace(/\.ts$/, "");
    return [path, { types: `${stem}.d.ts`, default: `${stem}.js` }] as const;
  });
  const manifest = { ...own, private: undefined, engines: { node: NODE }, files: ["dist"], exports: Object.fromEntries(built) };
  writeFileSync(join(out, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["README.md", "LICENSE"]) {
    const from = [join(source, file), join(root, file)].find((path) => existsSync(path) && (file === "LICENSE" || path.startsWith(source)));
    if (from !== undefined) cpSync(from, join(out, file));
  }
  console.log(`build/packages/${name}`);
}
