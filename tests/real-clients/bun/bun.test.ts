import { rmSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CLIENTS, type RealClient } from "../client.ts";
import { programOf } from "../clients/pins.ts";
import { clearProject, followLines, installedIn, makeProject, TRAITS_OF_NPM } from "../npm/npm.ts";
import { tellStory } from "../scenario.ts";

const npm = programOf("npm-10");

/** The Bun these tests run on, as a package manager. */
const bun: RealClient = {
  ...TRAITS_OF_NPM,
  name: `bun ${Bun.version}`,
  missing: npm === undefined ? FETCH_CLIENTS : undefined,
  async settle(home, place) {
    const project = makeProject(home);
    await followLines(home, place, `node ${npm}`);
    const run = (...args: readonly string[]) => home.run([process.execPath, ...args], { cwd: project });
    const add = async (name: string, version = "latest") => void (await run("add", `${name}@${version}`));
    return {
      run,
      install: add,
      update: add,
      async remove() {
        clearProject(project);
        rmSync(join(home.folder, ".bun"), { recursive: true, force: true });
      },
      ...installedIn(home, project),
    };
  },
};

tellStory(bun);
