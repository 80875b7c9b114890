import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Architecture, Platform } from "@distd/core";

/** What this machine is, in the words artifacts are told apart by. */
export interface Host {
  readonly platform: Platform;
  readonly arch: Architecture;
  /** Of Linux; undefined elsewhere. */
  readonly libc?: "glibc" | "musl";
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, Platform>>> = { linux: "linux", darwin: "macos", win32: "windows" };
const ARCHITECTURES: Readonly<Record<string, Architecture>> = { x64: "x64", arm64: "arm64", ia32: "x86", arm: "armv7" };

export function thisHost(): Host {
  const platform = PLATFORMS[process.platform] ?? "any";
  const arch = ARCHITECTURES[process.arch] ?? "any";
  return { platform, arch, ...(platform === "linux" && { libc: hasMuslLoader() ? "musl" : "glibc" }) };
}

/** The loader's name is part of musl's ABI: `/lib/ld-musl-ARCH.so.1`. A system may have both; then glibc is its own. */
function hasMuslLoader(): boolean {
  const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const isGlibc = ["/lib64", "/lib", "/usr/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"]
    .flatMap(names)
    .some((name) => /^(?:ld-linux|libc\.so\.6)/.test(name));
  return !isGlibc && names("/lib").some((name) => name.startsWith("ld-musl-"));
}

/** Where things are kept. */
export interface Folders {
  /** Apps, downloads and what is known of them. */
  readonly root: string;
  /** Links to executables; people have it on their PATH. */
  readonly bin: string;
}

/** Per user, as the XDG base directory specification has it; `prefix` puts all of it in one folder. */
export function foldersOf(env: Readonly<Record<string, string | undefined>>, prefix?: string): Folders {
  const home = env["HOME"] ?? homedir();
  if (prefix !== undefined) return { root: join(prefix, "share", "dist"), bin: join(prefix, "bin") };
  return {
    root: join(env["XDG_DATA_HOME"] ?? join(home, ".local", "share"), "dist"),
    bin: env["XDG_BIN_HOME"] ?? join(home, ".local", "bin"),
  };
}
