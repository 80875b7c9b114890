import { existsSync } from "node:fs";
import { join } from "node:path";

/** A client that does not come with the machine, at the one version the tests run. */
export interface Pin {
  /** Also the first part of its folder's name. */
  readonly name: string;
  readonly from: "npm" | "pip" | "debian";
  /** What is installed: packages of the source. */
  readonly packages: readonly string[];
  readonly version: string;
  /** Below its folder: what the tests start. */
  readonly program: string;
}

const npm = (name: string, library: string, version: string, program: string): Pin => ({
  name,
  from: "npm",
  packages: [`${library}@${version}`],
  version,
  program: `node_modules/${library}/${program}`,
});
const pip = (name: string, library: string, version: string, program: string): Pin => ({
  name,
  from: "pip",
  packages: [`${library}==${version}`],
  version,
  program,
});
const debian = (name: string, suite: string, library: string): Pin => ({
  name,
  from: "debian",
  packages: [library],
  version: suite,
  program: `usr/bin/${library}`,
});

export const PINS = {
  "npm-10": npm("npm-10", "npm", "10.9.9", "bin/npm-cli.js"),
  "npm-8": npm("npm-8", "npm", "8.19.4", "bin/npm-cli.js"),
  pnpm: npm("pnpm", "pnpm", "10.34.9", "bin/pnpm.cjs"),
  "yarn-1": npm("yarn-1", "yarn", "1.22.22", "bin/yarn.js"),
  "yarn-4": npm("yarn-4", "@yarnpkg/cli-dist", "4.9.4", "bin/yarn.js"),
  /** The last that reads HTML alone. */
  "pip-21": pip("pip-21", "pip", "21.3.1", "pip/__main__.py"),
  /** Debian 12's. */
  "pip-23": pip("pip-23", "pip", "23.0.1", "pip/__main__.py"),
  "pip-26": pip("pip-26", "pip", "26.3", "pip/__main__.py"),
  uv: pip("uv", "uv", "0.13.8", "bin/uv"),
  poetry: pip("poetry", "poetry", "2.5.1", "bin/poetry"),
  twine: pip("twine", "twine", "7.0.0", "bin/twine"),
  /** A folder to change the root to: apt 3 needs a newer C library than Debian 12 has. */
  "apt-3": {
    name: "apt-3",
    from: "debian",
    packages: ["apt", "sqv", "dpkg", "tar", "dash", "coreutils", "diffutils", "libc-bin"],
    version: "trixie",
    program: "usr/bin/apt-get",
  },
  "gh-2.23": debian("gh-2.23", "bookworm", "gh"),
  "gh-2.46": debian("gh-2.46", "trixie", "gh"),
  oras: debian("oras", "forky", "oras"),
  crane: debian("crane", "forky", "crane"),
  /** Signatures are tags. */
  "cosign-2": debian("cosign-2", "trixie", "cosign"),
  /** Signatures are referrers. */
  "cosign-3": debian("cosign-3", "forky", "cosign"),
  mise: npm("mise", `@jdxcode/mise-linux-${process.arch}`, "2026.9.15", "bin/mise"),
} as const satisfies Readonly<Record<string, Pin>>;

export type PinName = keyof typeof PINS;

const clients = join(import.meta.dirname, "..", "..", "..", "build", "clients");

export function folderOf({ name, version }: Pin): string {
  return join(clients, `${name}-${version}`);
}

/** Written when everything is there. */
export function isComplete(pin: Pin): boolean {
  return existsSync(join(folderOf(pin), ".complete"));
}

/** The program of a pinned client; undefined where it is not installed. */
export function programOf(name: PinName): string | undefined {
  const pin: Pin = PINS[name];
  return isComplete(pin) ? join(folderOf(pin), pin.program) : undefined;
}
