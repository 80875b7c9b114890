import { createHash } from "node:crypto";
import { writeAr } from "../../fixtures/formats/make/deb.ts";
import { gzipStored, writeTar } from "../../fixtures/formats/make/tar-writer.ts";
import { writeZip } from "../../fixtures/formats/make/zip-writer.ts";

/** A package of one ecosystem. The program it installs prints the package's version. */
export interface MadePackage {
  readonly file: string;
  readonly bytes: Buffer;
  /** What the installed program must be, byte for byte. */
  readonly program: Buffer;
}

export interface Make {
  readonly name?: string;
  readonly version: string;
}

export const NAME = "lantern";
const BALLAST_LINES = 1_000;

/** Makes a program longer than one read or one packet; tells versions apart throughout. */
function ballast(comment: string, version: string): string {
  return Array.from(
    { length: BALLAST_LINES },
    (_, line) => `${comment} ${createHash("sha256").update(`${version} ${line}`).digest("hex")}\n`,
  ).join("");
}

export const DEBIAN_ARCHITECTURE = process.arch === "arm64" ? "arm64" : "amd64";

export interface MakeDeb extends Make {
  readonly architecture?: string;
  /** Fields of the control file beside the usual, or instead of them. */
  readonly fields?: Readonly<Record<string, string>>;
}

export function makeDeb({ name = NAME, version, architecture = DEBIAN_ARCHITECTURE, fields = {} }: MakeDeb): MadePackage {
  const program = Buffer.from(`#!/bin/sh\necho ${version}\nexit\n${ballast("#", version)}`);
  const usual = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: "Lantern Works <packages@lantern.example>",
    Description: "keeps a light on – 灯\n A second line.",
  };
  const control = Object.entries({ ...usual, ...fields })
    .map(([field, value]) => `${field}: ${value}\n`)
    .join("");
  const folder = (path: string) => ({ path, type: "5" });
  const data = writeTar([...["./", "./usr/", "./usr/bin/"].map(folder), { path: `./usr/bin/${name}`, data: program, mode: 0o755 }]);
  const bytes = writeAr([
    { name: "debian-binary", data: Buffer.from("2.0\n") },
    { name: "control.tar.gz", data: gzipStored(writeTar([folder("./"), { path: "./control", data: control }])) },
    { name: "data.tar.gz", data: gzipStored(data) },
  ]);
  // File names leave the epoch out.
  return { file: `${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`, bytes, program };
}

function pythonMetadata(name: string, version: string): string {
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: keeps a light on – 灯\nRequires-Python: >=3.7\n`;
}

export function makeWheel({ name = NAME, version }: Make): MadePackage {
  const program = Buffer.from(`def main():\n    print("${version}")\n\n\n${ballast("#", version)}`);
  const info = `${name}-${version}.dist-info`;
  const files = [
    { name: `${name}/__init__.py`, data: program },
    { name: `${info}/METADATA`, data: Buffer.from(pythonMetadata(name, version)) },
    { name: `${info}/WHEEL`, data: Buffer.from("Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: true\nTag: py3-none-any\n") },
    { name: `${info}/entry_points.txt`, data: Buffer.from(`[console_scripts]\n${name} = ${name}:main\n`) },
  ];
  const record = files.map(
    (file) => `${file.name},sha256=${createHash("sha256").update(file.data).digest("base64url")},${file.data.length}\n`,
  );
  const bytes = writeZip([...files, { name: `${info}/RECORD`, data: Buffer.from(`${record.join("")}${info}/RECORD,,\n`) }]);
  return { file: `${name}-${version}-py3-none-any.whl`, bytes, program };
}

/** Its build back end needs nothing: the wheel it builds lies in it. */
export function makeSdist({ name = NAME, version }: Make): MadePackage {
  const wheel = makeWheel({ name, version });
  const folder = `${name}-${version}`;
  const backEnd = [
    "import pathlib, shutil",
    "",
    "",
    "def build_wheel(folder, config_settings=None, metadata_directory=None):",
    `    shutil.copy(pathlib.Path(__file__).parent / "${wheel.file}", folder)`,
    `    return "${wheel.file}"`,
    "",
  ].join("\n");
  const bytes = gzipStored(
    writeTar([
      { path: `${folder}/PKG-INFO`, data: pythonMetadata(name, version) },
      { path: `${folder}/pyproject.toml`, data: '[build-system]\nrequires = []\nbuild-backend = "back_end"\nbackend-path = ["."]\n' },
      { path: `${folder}/back_end.py`, data: backEnd },
      { path: `${folder}/${wheel.file}`, data: wheel.bytes },
    ]),
  );
  return { file: `${folder}.tar.gz`, bytes, program: wheel.program };
}

export function makeNpm({ name = NAME, version, fields = {} }: Make & { readonly fields?: object }): MadePackage {
  const bare = name.slice(name.lastIndexOf("/") + 1);
  const program = Buffer.from(`#!/usr/bin/env node\nconsole.log("${version}");\n${ballast("//", version)}`);
  const manifest = { name, version, description: "keeps a light on – 灯", license: "Apache-2.0", bin: { [bare]: "program.js" }, ...fields };
  const bytes = gzipStored(
    writeTar([
      { path: "package/package.json", data: JSON.stringify(manifest) },
      { path: "package/program.js", data: program, mode: 0o755 },
    ]),
  );
  return { file: `${bare}-${version}.tgz`, bytes, program };
}

/** A byte of a package that only a digest tells about: without it the file means the same. Times, in ar, zip and gzip. */
export function unreadByte(file: string): number {
  if (file.endsWith(".deb")) return 24;
  return file.endsWith(".whl") ? 10 : 4;
}
