import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a client is told: where packages are, and what it may show to get them. */
export interface Place {
  /** Of distd, without trailing slash. */
  readonly url: string;
  readonly repository: string;
  readonly channel: string;
  readonly token?: string | undefined;
}

/**
 * A package manager as its users have it. An operation that fails MUST reject with `ClientFailure`, and everything a client writes MUST stay
 * in its home.
 */
export interface RealClient {
  /** With its version, for people. */
  readonly name: string;
  readonly feed: "apt" | "npm" | "pypi";
  /** For one that goes back by itself, whatever others of its feed do. */
  readonly rollback?: "follows";
  /** For one that takes a second for every step: it is given half of what is done often. */
  readonly isSlow?: true;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  /** What it says when bytes are not those promised; undefined for a client that does not look. */
  readonly onTamperedBytes: RegExp | undefined;
  readonly onMissingToken: RegExp;
  /** Answers to spoil beside the artifact: paths of indexes the client checks. */
  readonly checkedIndexes: readonly RegExp[];
  readonly makePackage: (version: string) => { readonly program: Buffer };
  /** A home nobody has used, told where packages are. */
  settle(home: Home, place: Place): Promise<Settled>;
}

/** A client in its home. */
export interface Settled {
  /** The newest the place offers, or one version. */
  install(name: string, version?: string): Promise<void>;
  /** As users update: asks anew, takes what is offered. */
  update(name: string): Promise<void>;
  /** Removes what is installed and what was kept for later, not the settings. */
  remove(name: string): Promise<void>;
  /** Where the program's own file is. */
  programFile(name: string): string;
  /** Starts the installed program. */
  startProgram(name: string): Promise<string>;
  /** Runs the client with arguments. */
  run(...args: readonly string[]): Promise<ClientRan>;
}

export interface ClientRan {
  readonly stdout: string;
  readonly stderr: string;
}

export class ClientFailure extends Error {
  override name = "ClientFailure";
}

/** Whether it is a client's failure that says this. */
export function says(pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ClientFailure, String(error));
    assert.match(error.message, pattern);
    return true;
  };
}

/** A folder that nobody else uses, and the environment that keeps a client in it. */
export interface Home {
  readonly folder: string;
  /** A folder in it, made when needed. */
  inside(...names: readonly string[]): string;
  /** Runs a program; rejects with `ClientFailure` unless it ends with 0. */
  run(command: readonly string[], options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> }): Promise<ClientRan>;
  remove(): void;
}

/** A client that hangs is a failure, not an endless test. */
const PATIENCE_MS = 120_000;

/** Gives a body a home, and removes it afterwards. */
export async function inHome<T>(body: (home: Home) => Promise<T>, parent = tmpdir()): Promise<T> {
  const home = makeHome(parent);
  try {
    return await body(home);
  } finally {
    home.remove();
  }
}

/** A home for who removes it. */
export function makeHome(parent = tmpdir()): Home {
  const folder = mkdtempSync(join(parent, "client-home-"));
  const inside = (...names: readonly string[]): string => {
    const path = join(folder, ...names);
    if (!existsSync(path)) mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    folder,
    inside,
    async run(command, { cwd = folder, env = {} } = {}) {
      const child = Bun.spawn([...command], {
        cwd,
        env: { PATH: process.env["PATH"] ?? "", HOME: folder, TMPDIR: inside("tmp"), LANG: "C.UTF-8", NO_COLOR: "1", ...env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        timeout: PATIENCE_MS,
        killSignal: "SIGKILL",
      });
      const [stdout, stderr, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      if (code !== 0) throw new ClientFailure(`${command.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
      return { stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Says why tests of a client are skipped; where CI=true promises every client, that is a failure. */
export function isHere({ name, missing }: Pick<RealClient, "name" | "missing">): boolean {
  if (missing === undefined) return true;
  if (process.env["CI"] === "true") throw new Error(`${name} is not here: ${missing}`);
  console.warn(`skipped: ${name}: ${missing}`);
  return false;
}

/** What to do about a client that is not pinned to the machine. */
export const FETCH_CLIENTS = "run sh scripts/bun.sh tests/real-clients/clients/install.ts";
