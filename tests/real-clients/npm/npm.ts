import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FEEDS } from "@distd/feeds";
import { FETCH_CLIENTS, type Home, type Place, type RealClient, type Settled } from "../client.ts";
import { type PinName, PINS, programOf } from "../clients/pins.ts";
import { makeNpm } from "../packages.ts";

/** An npm of one major. */
export function npmClient(pin: PinName): RealClient {
  const program = programOf(pin);
  return {
    ...TRAITS_OF_NPM,
    name: `npm ${PINS[pin].version}`,
    missing: program === undefined ? FETCH_CLIENTS : undefined,
    async settle(home, place) {
      const project = makeProject(home);
      const npm = (...args: readonly string[]) => home.run(["node", program ?? "npm", ...args], { cwd: project, env: NO_SECOND_TRY });
      await followLines(home, place, `node ${program}`);
      return {
        run: npm,
        install: async (name, version) => void (await npm("install", `${name}@${version ?? "latest"}`)),
        update: async (name) => void (await npm("install", `${name}@latest`)),
        async remove() {
          clearProject(project);
          rmSync(join(home.folder, ".npm"), { recursive: true, force: true });
        },
        ...installedIn(home, project),
      };
    },
  };
}

/** A request that fails fails the test: nothing is hidden by asking again. */
export const NO_SECOND_TRY = { npm_config_fetch_retries: "0" };

export const TRAITS_OF_NPM = {
  feed: "npm",
  onTamperedBytes: /integrity|checksum|EINTEGRITY/i,
  onMissingToken: /40[14]|Unauthorized|authentication|Couldn't find package/i,
  checkedIndexes: [],
  makePackage: (version: string) => makeNpm({ version }),
} as const satisfies Partial<RealClient>;

export function makeProject(home: Home): string {
  const project = home.inside("project");
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", private: true }));
  return project;
}

const LEFT_BEHIND = ["node_modules", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

export function clearProject(project: string): void {
  for (const name of LEFT_BEHIND) rmSync(join(project, name), { recursive: true, force: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", version: "1.0.0", private: true }));
}

export function installedIn(home: Home, project: string): Pick<Settled, "programFile" | "startProgram"> {
  const bare = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
  return {
    programFile: (name) => join(project, "node_modules", name, "program.js"),
    startProgram: async (name) => (await home.run([join(project, "node_modules/.bin", bare(name))])).stdout.trim(),
  };
}

/** Types the lines that the page tells people to type. They are written for npm; the others read what it writes. */
export async function followLines(home: Home, { url, repository, channel, token }: Place, npm: string): Promise<void> {
  const lines = linesOf({ url, repository, channel, token });
  for (const line of lines)
    await home.run(["sh", "-ec", line.replace(/^npm /, `${npm} `)], { env: { ...(token !== undefined && { DIST_TOKEN: token }) } });
}

export function linesOf({ url, repository, channel, token }: Place): readonly string[] {
  const feed = FEEDS.find(({ id }) => id === "npm");
  return feed?.lines({ address: `${url}/npm/${repository}`, repository, channel, isOpen: token === undefined }) ?? [];
}
