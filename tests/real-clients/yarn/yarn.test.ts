import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CLIENTS, type Home, type Place, type RealClient } from "../client.ts";
import { type PinName, PINS, programOf } from "../clients/pins.ts";
import { clearProject, followLines, installedIn, linesOf, makeProject, TRAITS_OF_NPM } from "../npm/npm.ts";
import { tellStory } from "../scenario.ts";

const npm = programOf("npm-10");

function yarnClient(
  pin: PinName,
  { tell, own }: { readonly tell: (home: Home, place: Place) => Promise<void>; readonly own: Partial<RealClient> },
): RealClient {
  const program = programOf(pin);
  return {
    ...TRAITS_OF_NPM,
    ...own,
    name: `yarn ${PINS[pin].version}`,
    missing: program === undefined || npm === undefined ? FETCH_CLIENTS : undefined,
    async settle(home, place) {
      const project = makeProject(home);
      await tell(home, place);
      const env = { YARN_CACHE_FOLDER: home.inside("cache"), YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_IMMUTABLE_INSTALLS: "0" };
      const run = (...args: readonly string[]) => home.run(["node", program ?? "yarn", ...args], { cwd: project, env });
      const add = async (name: string, version = "latest") => void (await run("add", `${name}@${version}`));
      return {
        run,
        install: add,
        update: add,
        async remove() {
          clearProject(project);
          writeFileSync(join(project, "yarn.lock"), "");
          for (const kept of ["cache", ".yarn"]) rmSync(join(home.folder, kept), { recursive: true, force: true });
        },
        ...installedIn(home, project),
      };
    },
  };
}

/** Reads what npm writes. For packages without a scope it sends the token only when told to. */
const yarn1 = yarnClient("yarn-1", {
  own: {},
  async tell(home, place) {
    await followLines(home, place, `node ${npm}`);
    if (place.token !== undefined) appendFileSync(join(home.folder, ".npmrc"), "always-auth=true\n");
  },
});

/** Reads settings of its own. */
const yarn4 = yarnClient("yarn-4", {
  // What it sees first it takes, and remembers with a checksum of its own: the registry's digest it never compares.
  own: { onTamperedBytes: undefined },
  async tell(home, place) {
    const registry = / (http\S+)$/.exec(linesOf(place)[0] ?? "")?.[1];
    const settings = {
      npmRegistryServer: registry,
      unsafeHttpWhitelist: ["127.0.0.1"],
      nodeLinker: "node-modules",
      enableGlobalCache: false,
      ...(place.token !== undefined && { npmAuthToken: place.token, npmAlwaysAuth: true }),
    };
    writeFileSync(join(home.inside("project"), ".yarnrc.yml"), JSON.stringify(settings));
    writeFileSync(join(home.inside("project"), "yarn.lock"), "");
  },
});

for (const client of [yarn1, yarn4]) tellStory(client);
