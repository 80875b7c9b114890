import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { type ClientRan, ClientFailure, FETCH_CLIENTS, type Home, inHome, isHere } from "../client.ts";
import { programOf } from "../clients/pins.ts";
import { githubLines, makeTarball } from "../gh/tarball.ts";
import { DEBIAN_ARCHITECTURE, type MadePackage, NAME, unreadByte } from "../packages.ts";
import { onStage, type Stage } from "../stage.ts";

const PATIENCE = { timeout: 180_000 };
const program = programOf("mise");
const missing = program === undefined ? FETCH_CLIENTS : process.platform === "linux" ? undefined : "the pinned one runs on Linux";

/** It waits a day before it takes a release, and an hour before it looks again: both are for people, not for a story of seconds. */
const AT_ONCE = { MISE_MINIMUM_RELEASE_AGE: "0s", MISE_FETCH_REMOTE_VERSIONS_CACHE: "0s" };

interface Mise {
  run(...args: readonly string[]): Promise<ClientRan>;
  /** Starts the program that the project's version is for. */
  start(): Promise<string>;
  programFile(): Promise<string>;
}

interface Backend {
  readonly name: string;
  readonly api: string;
  readonly tokenIn: string;
}

const GITHUB: Backend = { name: "github", api: "api/v3", tokenIn: "GITHUB_TOKEN" };
const FORGEJO: Backend = { name: "forgejo", api: "api/v1", tokenIn: "MISE_FORGEJO_ENTERPRISE_TOKEN" };

/** A project that asks for the latest version. */
async function settle(home: Home, stage: Stage, { name, api, tokenIn }: Backend, token?: string): Promise<Mise> {
  const project = home.inside("project");
  const tool = `${name}:${stage.repository}/${NAME}`;
  writeFileSync(join(project, "mise.toml"), `[tools]\n"${tool}" = {version = "latest", api_url = "${stage.url}/${api}"}\n`);
  const env = {
    ...AT_ONCE,
    ...(token !== undefined && { [tokenIn]: token }),
  };
  const run = (...args: readonly string[]): Promise<ClientRan> => home.run([program ?? "mise", ...args], { cwd: project, env });
  await run("trust");
  return {
    run,
    start: async () => (await run("exec", "--", NAME)).stdout.trim(),
    programFile: async () => join((await run("where", tool)).stdout.trim(), NAME),
  };
}

const made = (version: string): MadePackage => makeTarball({ version }, `linux_${DEBIAN_ARCHITECTURE}`);
const publish = (stage: Stage, version: string, change: { readonly channel?: string | null } = {}): Promise<void> =>
  stage.publish(version, { ...change, packages: [made(version)] });

async function assertInstalled(mise: Mise, version: string): Promise<void> {
  assert.equal(await mise.start(), version);
  assert.ok(readFileSync(await mise.programFile()).equals(made(version).program));
}

describe("mise", { skip: !isHere({ name: "mise", missing }) }, () => {
  for (const backend of [GITHUB, FORGEJO]) {
    it(`installs, updates after a promotion, and gives new installations what the channel went back to: ${backend.name}`, PATIENCE, () =>
      onStage((stage) =>
        inHome(async (home) => {
          await publish(stage, "1.0.0");
          const mise = await settle(home, stage, backend);
          await mise.run("install");
          await assertInstalled(mise, "1.0.0");
          await publish(stage, "1.1.0", { channel: null });
          await mise.run("upgrade");
          await assertInstalled(mise, "1.0.0");
          await stage.promote("1.1.0");
          await mise.run("upgrade");
          await assertInstalled(mise, "1.1.0");
          await stage.rollback();
          // For mise the latest is the newest that is installed already: it goes back only where that is none.
          await mise.run("upgrade");
          await assertInstalled(mise, "1.1.0");
          await mise.run("uninstall", "--all");
          await mise.run("install");
          await assertInstalled(mise, "1.0.0");
        }),
      ),
    );
  }

  for (const backend of [GITHUB, FORGEJO]) {
    it(`takes what is stable, not what another channel has: ${backend.name}`, PATIENCE, () =>
      onStage((stage) =>
        inHome(async (home) => {
          await publish(stage, "1.0.0");
          await publish(stage, "2.0.0", { channel: "beta" });
          const mise = await settle(home, stage, backend);
          await mise.run("install");
          await assertInstalled(mise, "1.0.0");
          await mise.run("upgrade");
          await assertInstalled(mise, "1.0.0");
        }),
      ),
    );
  }

  for (const access of ["public", "members"] as const) {
    it(`installs what the line for it says: ${access}`, PATIENCE, () =>
      onStage(
        (stage) =>
          inHome(async (home) => {
            await publish(stage, "1.0.0");
            const [line = ""] = githubLines(stage.url, stage.repository, access === "public");
            const env = {
              ...AT_ONCE,
              PATH: `${dirname(program ?? "")}:${process.env["PATH"]}`,
              ...(access === "members" && { DIST_TOKEN: await stage.readToken() }),
            };
            const ran = await home.run(["sh", "-ec", `${line} && mise exec -- ${NAME}`], { cwd: home.inside("project"), env });
            assert.match(ran.stdout, /^1\.0\.0$/m);
          }),
        { access },
      ),
    );
  }

  it("refuses an artifact of which one byte was changed", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        await publish(stage, "1.0.0");
        const mise = await settle(home, stage, GITHUB);
        stage.proxy.spoils = (path) => (/\/releases\/(?:assets|download)\//.test(path) ? unreadByte(".tar.gz") : undefined);
        await assert.rejects(mise.run("install"), (error) => error instanceof ClientFailure && /checksum mismatch/i.test(error.message));
        assert.ok(stage.proxy.spoilt > 0);
        stage.proxy.spoils = () => undefined;
        await mise.run("install");
        await assertInstalled(mise, "1.0.0");
      }),
    ),
  );

  for (const backend of [GITHUB, { ...GITHUB, tokenIn: "MISE_GITHUB_ENTERPRISE_TOKEN" }, FORGEJO]) {
    it(`gets a members' app only with a token that may read it, in ${backend.tokenIn}`, PATIENCE, () =>
      onStage(
        async (stage) => {
          await publish(stage, "1.0.0");
          await stage.dist("app", "create", "other", "--access", "members");
          for (const token of [undefined, "not-a-token", await stage.readToken("other")]) {
            const refused = inHome(async (home) => (await settle(home, stage, backend, token)).run("install"));
            await assert.rejects(refused, (error) => error instanceof ClientFailure && /40[14]/.test(error.message));
          }
          await inHome(async (home) => {
            const mise = await settle(home, stage, backend, await stage.readToken());
            await mise.run("install");
            await assertInstalled(mise, "1.0.0");
          });
        },
        { access: "members" },
      ),
    );
  }
});
