import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ClientFailure, isHere } from "../client.ts";
import { makeSdist, makeWheel, NAME } from "../packages.ts";
import { assertInstalled, PATIENCE, tellStory, withClient } from "../scenario.ts";
import { onStage } from "../stage.ts";
import { pipClient } from "./pip.ts";

const pip26 = pipClient("pip-26", { asksForMetadata: true });
const older = (["pip-21", "pip-23"] as const).map((pin) => pipClient(pin, { asksForMetadata: false }));
const everyPip = [pip26, ...older];
for (const client of everyPip) tellStory(client);

describe("pip download", { skip: !isHere(pip26) }, () => {
  for (const [what, make, flags] of [
    ["wheel", makeWheel, []],
    ["sdist", makeSdist, ["--no-binary", ":all:"]],
  ] as const) {
    it(`fetches a ${what} as it was published, and builds or installs it`, PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.publish("1.1.0");
        const folder = mkdtempSync(join(tmpdir(), "pip-download-"));
        try {
          await withClient(pip26, stage, async (settled) => {
            await settled.run("download", ...flags, "--dest", folder, NAME);
            const made = make({ version: "1.1.0" });
            assert.deepEqual(readdirSync(folder), [made.file]);
            assert.ok(readFileSync(join(folder, made.file)).equals(made.bytes));
            await settled.run("install", ...flags, NAME);
            await assertInstalled(pip26, settled, "1.1.0");
          });
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
    );
  }
});

for (const client of everyPip) {
  describe(`what ${client.name} shows`, { skip: !isHere(client) }, () => {
    it("lists versions of one channel alone", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.publish("1.1.0");
        await stage.publish("2.0.0", { channel: "beta" });
        await withClient(client, stage, async (settled) => {
          const { stdout } = await settled.run("index", "versions", NAME);
          assert.match(stdout, /Available versions: 1\.1\.0, 1\.0\.0\n/);
        });
      }),
    );

    it("does not pick a yanked version, and installs it with a warning for who pins it", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.publish("1.1.0");
        const reason = 'loses "notes" <on> save & quit';
        await stage.yank("1.1.0", "1.0.0", reason);
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
          const { stderr } = await settled.run("install", `${NAME}==1.1.0`);
          assert.match(stderr, /yanked/);
          assert.ok(stderr.includes(reason), stderr);
          await assertInstalled(client, settled, "1.1.0");
          await assert.rejects(settled.run("install", `${NAME}>1.0.0,!=1.1.0`), ClientFailure);
        });
      }),
    );
  });
}
