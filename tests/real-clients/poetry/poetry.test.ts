import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inHome, isHere, type RealClient, type Settled } from "../client.ts";
import { NAME } from "../packages.ts";
import { pythonApplication } from "../pip/application.ts";
import { indexOf, TRAITS_OF_PIP } from "../pip/pip.ts";
import { assertInstalled, PATIENCE, tellStory } from "../scenario.ts";
import { CHANNEL, onStage, type Stage } from "../stage.ts";

const PROJECT = "project";
const ALONE = { POETRY_NO_INTERACTION: "1", POETRY_VIRTUALENVS_IN_PROJECT: "true", POETRY_VIRTUALENVS_OPTIONS_NO_PIP: "true" };
const application = pythonApplication("poetry");

/** A project whose packages come from one index. */
const project = (index: string): string => `[project]
name = "reader"
version = "0.0.0"
requires-python = ">=3.9"

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "lantern"
url = "${index}"
priority = "primary"
`;

const poetry: RealClient = {
  ...TRAITS_OF_PIP,
  name: application.name,
  missing: application.missing,
  // It locks what the index offers now.
  rollback: "follows",
  isSlow: true,
  onTamperedBytes: /not found in known hashes/,
  onMissingToken: /Could not find a matching version/,
  async settle(home, { token, ...place }) {
    const cwd = home.inside(PROJECT);
    const cache = join(home.folder, ".cache");
    const begin = (): void => writeFileSync(join(cwd, "pyproject.toml"), project(indexOf(place)));
    begin();
    const credentials = token !== undefined && { POETRY_HTTP_BASIC_LANTERN_USERNAME: "token", POETRY_HTTP_BASIC_LANTERN_PASSWORD: token };
    const run: Settled["run"] = (...args) => application.run(home, args, { cwd, env: { ...ALONE, ...credentials } });
    const environment = join(cwd, ".venv");
    const python = `python${(await home.run(["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])).stdout.trim()}`;
    return {
      run,
      async install(name, version) {
        try {
          await run("add", version === undefined ? name : `${name}@${version}`);
        } catch (error) {
          // It keeps an archive that it refused, and refuses it again.
          rmSync(cache, { recursive: true, force: true });
          throw error;
        }
      },
      update: async (name) => void (await run("update", name)),
      async remove() {
        for (const path of [environment, join(cwd, "poetry.lock"), cache]) rmSync(path, { recursive: true, force: true });
        begin();
      },
      programFile: (name) => join(environment, "lib", python, "site-packages", name, "__init__.py"),
      startProgram: async (name) => (await home.run([join(environment, "bin", name)])).stdout.trim(),
    };
  },
};

tellStory(poetry);

/** In a fresh home, with the project's folder. */
function inProject<T>({ url, repository }: Stage, body: (settled: Settled, folder: string) => Promise<T>): Promise<T> {
  return inHome(async (home) => body(await poetry.settle(home, { url, repository, channel: CHANNEL }), home.inside(PROJECT)));
}

describe("poetry.lock", { skip: !isHere(poetry) }, () => {
  it("installs on another machine what was locked, also after the channel went back over it", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await stage.publish("1.1.0");
      const files = ["pyproject.toml", "poetry.lock"];
      const locked = await inProject(stage, async (settled, folder) => {
        await settled.install(NAME);
        return files.map((file) => [file, readFileSync(join(folder, file))] as const);
      });
      await stage.rollback();
      await inProject(stage, async (settled, folder) => {
        for (const [file, content] of locked) writeFileSync(join(folder, file), content);
        await settled.run("install");
        await assertInstalled(poetry, settled, "1.1.0");
      });
    }),
  );
});
