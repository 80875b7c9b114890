import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientRan, type Home } from "../client.ts";
import type { ImagePlace, SettledImages } from "../image-client.ts";
import { type MadeImage, VERSION_LABEL } from "../images.ts";
import { NAME } from "../packages.ts";

/** What stands before the arguments of docker, or of what is used like docker, and beside them. */
export interface Engine {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For what talks to the registry. */
  readonly remote?: readonly string[];
  /** For containers. */
  readonly limits?: readonly string[];
}

const CONTAINER = "started";

/** An engine in its home: it builds what it pushes, and starts what it pulls. */
export async function settleEngine(home: Home, { host, token }: ImagePlace, engine: Engine): Promise<SettledImages> {
  const { command, env = {}, remote = [], limits = [] } = engine;
  const run = (...args: readonly string[]): Promise<ClientRan> => home.run([...command, ...args], { env });
  if (token !== undefined) await run("login", ...remote, "--username", "any", "--password", token, host);
  return {
    folder: home.folder,
    run,
    async push(image, reference) {
      await run("build", "--tag", `${host}/${reference}`, writeContext(home, image));
      await run("push", ...remote, `${host}/${reference}`);
    },
    async pull(reference) {
      const name = `${host}/${reference}`;
      await run("pull", ...remote, name);
      const file = join(home.inside("files"), NAME);
      const said = (await run("run", "--name", CONTAINER, "--network", "none", ...limits, name)).stdout.trim();
      await run("cp", `${CONTAINER}:/${NAME}`, file);
      await run("rm", CONTAINER);
      return { program: readFileSync(file), said };
    },
    forget: async () => void (await run("system", "prune", "--all", "--force")),
  };
}

function writeContext(home: Home, { version, program }: MadeImage): string {
  const folder = home.inside("build", version);
  writeFileSync(join(folder, NAME), program, { mode: 0o755 });
  const lines = ["FROM scratch", `COPY ${NAME} /${NAME}`, `LABEL ${VERSION_LABEL}=${version}`, `ENTRYPOINT ["/${NAME}"]`, ""];
  writeFileSync(join(folder, "Dockerfile"), lines.join("\n"));
  return folder;
}

const isLinux = process.platform === "linux";
const withOwnMounts = (...command: readonly string[]): string[] => ["unshare", "--mount", "--propagation", "private", ...command];

/** Why containers cannot be started here. */
export function missingForContainers(...programs: readonly string[]): string | undefined {
  const program = programs.find((name) => Bun.which(name) === null);
  if (program !== undefined) return `there is no ${program}`;
  return isLinux && Bun.spawnSync(withOwnMounts("true")).exitCode === 0 ? undefined : "containers need Linux and the right to mount";
}

/** A command that has folders of its home where the machine's are. What it mounts and leaves there is gone with it. */
export function withOwnFolders(home: Home, folders: readonly string[], command: readonly string[]): readonly string[] {
  const mounts = folders.filter((folder) => existsSync(folder)).map((folder) => `mount --bind "${home.inside("own", folder)}" ${folder}`);
  return withOwnMounts("sh", "-ec", `${mounts.join("; ")}; exec "$@"`, "sh", ...command);
}
