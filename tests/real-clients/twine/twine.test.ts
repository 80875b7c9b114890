import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inFolder } from "../../support/dist.ts";
import { ADMIN_TOKEN } from "../../support/server.ts";
import { type ClientRan, type Home, inHome, isHere, says } from "../client.ts";
import { type MadePackage, makeDeb, makeSdist, makeWheel, NAME, unreadByte } from "../packages.ts";
import { pythonApplication } from "../pip/application.ts";
import { pipClient } from "../pip/pip.ts";
import { assertInstalled, PATIENCE, withClient } from "../scenario.ts";
import { CHANNEL, onStage, type Stage } from "../stage.ts";

const twine = pythonApplication("twine");
const pip = pipClient("pip-26", { asksForMetadata: true });

interface Upload {
  readonly repository?: string;
  readonly token?: string;
}

function upload(home: Home, stage: Stage, packages: readonly MadePackage[], { repository, token }: Upload = {}): Promise<ClientRan> {
  const folder = home.inside("packages");
  for (const { file, bytes } of packages) writeFileSync(join(folder, file), bytes);
  const address = `${stage.url}/pypi/${repository ?? stage.repository}/${CHANNEL}/legacy/`;
  const settings = ["--non-interactive", "--verbose", "--disable-progress-bar", "--repository-url", address];
  const files = packages.map(({ file }) => join(folder, file));
  const credentials = { TWINE_USERNAME: "__token__", TWINE_PASSWORD: token ?? ADMIN_TOKEN };
  // One line for what it says: it wraps where a terminal ends.
  return twine.run(home, ["upload", ...settings, ...files], { env: { ...credentials, COLUMNS: "2000" } });
}

const bothOf = (version: string): readonly MadePackage[] => [makeWheel({ version }), makeSdist({ version })];

async function assertPipInstalls(stage: Stage, version: string, ...flags: readonly string[]): Promise<void> {
  await withClient(pip, stage, async (settled) => {
    await settled.run("install", ...flags, NAME);
    await assertInstalled(pip, settled, version);
  });
}

describe(twine.name, { skip: !isHere(twine) || !isHere(pip) }, () => {
  it("uploads a wheel and a source distribution, from which pip installs", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        await stage.dist("app", "create", NAME, "--access", "public");
        await upload(home, stage, bothOf("1.0.0"));
        assert.deepEqual(await stage.releases(), ["1.0.0 published 2", "1.0.0 published 1"]);
        await assertPipInstalls(stage, "1.0.0");
        await assertPipInstalls(stage, "1.0.0", "--no-binary", ":all:");

        // The same files are the same release.
        await upload(home, stage, bothOf("1.0.0"));
        assert.deepEqual(await stage.releases(), ["1.0.0 published 2", "1.0.0 published 1"]);

        await upload(home, stage, bothOf("1.1.0"));
        await assertPipInstalls(stage, "1.1.0");
      }),
    ),
  );

  it("publishes without promoting for who may not promote", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        await stage.dist("app", "create", NAME, "--access", "public");
        await upload(home, stage, bothOf("1.0.0"));
        await upload(home, stage, bothOf("1.1.0"), { token: await stage.token("publish") });
        await assertPipInstalls(stage, "1.0.0");
        await stage.promote("1.1.0");
        await assertPipInstalls(stage, "1.1.0");
      }),
    ),
  );

  it("adds to the draft that other jobs are building, and leaves publishing to them", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        await stage.publish("1.0.0");
        const draft = await stage.dist("release", "create", NAME, "2.0.0", "--expect", "linux", "--json");
        const { id } = draft.json<{ id: string }>();
        await upload(home, stage, bothOf("2.0.0"));
        assert.deepEqual(await stage.releases(), ["2.0.0 draft 0", "1.0.0 published 1"]);
        await assertPipInstalls(stage, "1.0.0");
        const deb = makeDeb({ version: "2.0.0" });
        await inFolder({ [deb.file]: deb.bytes }, (folder) => stage.dist("release", "attach", id, join(folder, deb.file)));
        await stage.dist("release", "publish", id);
        await stage.promote("2.0.0");
        await assertPipInstalls(stage, "2.0.0");
        await assertPipInstalls(stage, "2.0.0", "--no-binary", ":all:");
      }),
    ),
  );

  it("is refused without the right, and says why", PATIENCE, () =>
    onStage((stage) =>
      inHome(async (home) => {
        for (const app of [NAME, "other"]) await stage.dist("app", "create", app, "--access", "public");
        const refused = (token: string, reason: RegExp): Promise<void> =>
          assert.rejects(upload(home, stage, bothOf("1.0.0"), { token }), says(reason));
        await refused("not-a-token", /401 Unauthorized[^]*the token is malformed/);
        await refused(await stage.readToken(), /403 Forbidden[^]*this token may not 'publish'/);
        await refused(await stage.token("publish", "other"), /403 Forbidden[^]*this token may not 'publish' on app 'lantern'/);
        assert.deepEqual(await stage.releases(), []);
      }),
    ),
  );

  it("is refused the name of another app, a name nobody has, and other content under a version, and says why", PATIENCE, () =>
    onStage(
      (stage) =>
        inHome(async (home) => {
          for (const app of [NAME, "other"]) await stage.dist("app", "create", app, "--access", "members");
          await stage.dist("repo", "create", "both", "--member", NAME, "--member", "other");
          await upload(home, stage, bothOf("1.0.0"));
          const taken = upload(home, stage, bothOf("1.1.0"), { repository: "other" });
          await assert.rejects(taken, says(/409 Conflict[^]*the pypi name 'lantern' belongs to another app in repository 'both'/));
          const unknown = upload(home, stage, [makeWheel({ name: "nobody", version: "1.0.0" })], { repository: "main" });
          await assert.rejects(unknown, says(/404 Not Found[^]*no app of repository 'main' is called like 'nobody'/));
          const changed = makeWheel({ version: "1.0.0" });
          changed.bytes.writeUInt8(1, unreadByte(changed.file));
          await assert.rejects(upload(home, stage, [changed]), says(/409 Conflict[^]*1\.0\.0 already has other content/));
        }),
      { access: "members" },
    ),
  );
});
