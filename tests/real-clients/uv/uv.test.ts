import { rmSync } from "node:fs";
import { join } from "node:path";
import { FETCH_CLIENTS, type RealClient, type Settled } from "../client.ts";
import { PINS, programOf } from "../clients/pins.ts";
import { indexOf, makeVenv, TRAITS_OF_PIP } from "../pip/pip.ts";
import { tellStory } from "../scenario.ts";

const program = programOf("uv");

const uv: RealClient = {
  ...TRAITS_OF_PIP,
  checkedIndexes: [],
  name: `uv ${PINS.uv.version}`,
  missing: program === undefined ? FETCH_CLIENTS : undefined,
  async settle(home, place) {
    const venv = await makeVenv(home);
    const env = {
      UV_NO_CONFIG: "1",
      UV_HTTP_RETRIES: "0",
      UV_PYTHON_DOWNLOADS: "never",
      UV_DEFAULT_INDEX: indexOf(place),
      VIRTUAL_ENV: venv.folder,
    };
    const run: Settled["run"] = (...args) => home.run([program ?? "uv", ...args], { env });
    return {
      run,
      install: async (name, version) => void (await run("pip", "install", version === undefined ? name : `${name}==${version}`)),
      update: async (name) => void (await run("pip", "install", "--upgrade", name)),
      async remove(name) {
        await run("pip", "uninstall", name);
        rmSync(join(home.folder, ".cache"), { recursive: true, force: true });
      },
      ...venv.installed,
    };
  },
};

tellStory(uv);
