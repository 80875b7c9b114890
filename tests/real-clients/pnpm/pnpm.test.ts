import { rmSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CLIENTS, type RealClient } from "../client.ts";
import { PINS, programOf } from "../clients/pins.ts";
import { clearProject, followLines, installedIn, makeProject, NO_SECOND_TRY, TRAITS_OF_NPM } from "../npm/npm.ts";
import { tellStory } from "../scenario.ts";

const program = programOf("pnpm");
const npm = programOf("npm-10");

const pnpm: RealClient = {
  ...TRAITS_OF_NPM,
  name: `pnpm ${PINS.pnpm.version}`,
  missing: program === undefined || npm === undefined ? FETCH_CLIENTS : undefined,
  async settle(home, place) {
    const project = makeProject(home);
    await followLines(home, place, `node ${npm}`);
    const run = (...args: readonly string[]) =>
      home.run(["node", program ?? "pnpm", ...args], { cwd: project, env: { ...NO_SECOND_TRY, CI: "true" } });
    const add = async (name: string, version = "latest") => void (await run("add", `${name}@${version}`));
    return {
      run,
      install: add,
      // `update --latest` never goes below what is installed.
      update: add,
      async remove() {
        clearProject(project);
        for (const kept of [".local", ".cache"]) rmSync(join(home.folder, kept), { recursive: true, force: true });
      },
      ...installedIn(home, project),
    };
  },
};

tellStory(pnpm);
