import { rmSync } from "node:fs";
import { join } from "node:path";
import { FEEDS } from "@distd/feeds";
import { FETCH_CLIENTS, type Home, type Place, type RealClient, type Settled } from "../client.ts";
import { type PinName, PINS, programOf } from "../clients/pins.ts";
import { makeWheel } from "../packages.ts";

/** What keeps pip and its kin to what they are told here. */
const ALONE = {
  PIP_CONFIG_FILE: "/dev/null",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
  PIP_RETRIES: "0",
  PYTHONDONTWRITEBYTECODE: "1",
};

/** One that asks for a wheel's metadata before the wheel checks that too. */
export function pipClient(pin: PinName, { asksForMetadata }: { readonly asksForMetadata: boolean }): RealClient {
  const program = programOf(pin)?.replace(/\/__main__\.py$/, "");
  return {
    ...TRAITS_OF_PIP,
    name: `pip ${PINS[pin].version}`,
    checkedIndexes: asksForMetadata ? [/\.whl\.metadata$/] : [],
    missing: program === undefined ? FETCH_CLIENTS : undefined,
    async settle(home, place) {
      const venv = await makeVenv(home);
      const index = indexOf(place);
      const run: Settled["run"] = (...args) =>
        home.run([join(venv.folder, "bin/python"), program ?? "pip", ...args], { env: { ...ALONE, PIP_INDEX_URL: index } });
      return {
        run,
        install: async (name, version) => void (await run("install", version === undefined ? name : `${name}==${version}`)),
        update: async (name) => void (await run("install", "--upgrade", name)),
        async remove(name) {
          await run("uninstall", "--yes", name);
          rmSync(join(home.folder, ".cache"), { recursive: true, force: true });
        },
        ...venv.installed,
      };
    },
  };
}

export const TRAITS_OF_PIP = {
  feed: "pypi",
  onTamperedBytes: /DO NOT MATCH THE HASHES|Hash mismatch/i,
  onMissingToken: /401|404|No matching distribution|authentication|Unauthorized|was not found/i,
  checkedIndexes: [],
  makePackage: (version: string) => makeWheel({ version }),
} as const satisfies Partial<RealClient>;

/** A Python of its own, without pip in it. */
export async function makeVenv(
  home: Home,
): Promise<{ readonly folder: string; readonly installed: Pick<Settled, "programFile" | "startProgram"> }> {
  const folder = join(home.folder, "venv");
  await home.run(["python3", "-m", "venv", "--without-pip", folder]);
  const { stdout } = await home.run([join(folder, "bin/python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
  return {
    folder,
    installed: {
      programFile: (name) => join(stdout.trim(), name, "__init__.py"),
      startProgram: async (name) => (await home.run([join(folder, "bin", name)])).stdout.trim(),
    },
  };
}

/** The address in the line that the page tells people to type. */
export function indexOf({ url, repository, channel, token }: Place): string {
  const feed = FEEDS.find(({ id }) => id === "pypi");
  const [line = ""] = feed?.lines({ address: `${url}/pypi/${repository}`, repository, channel, isOpen: token === undefined }) ?? [];
  const index = /--index-url (\S+)/.exec(line)?.[1];
  if (index === undefined) throw new Error(`the line for pip is another: ${line}`);
  return index.replace("$DIST_TOKEN", token ?? "");
}
