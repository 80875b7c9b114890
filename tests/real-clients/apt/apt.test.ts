import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ClientFailure, inHome, isHere } from "../client.ts";
import { makeDeb, makeNpm, NAME } from "../packages.ts";
import { assertInstalled, PATIENCE, tellStory, withClient } from "../scenario.ts";
import { CHANNEL, onStage } from "../stage.ts";
import { apt3Client, machineApt } from "./apt.ts";

/** Each would, in the index as it stands in the control file, end every apt command or install itself everywhere. */
const HOSTILE_CONTROLS: readonly Readonly<Record<string, string>>[] = [
  { Essential: "yes", Protected: "yes", SHA256: "00", Size: "5", Filename: "pool/other.deb" },
  { Important: "yes", "SHA256 ": "00", "Size ": "5", "Filename ": "pool/other.deb", Status: "install ok installed" },
  { Depends: "garbage (((" },
  { Conflicts: "a b c" },
  { "Pre-Depends": "| |" },
  { Provides: "a,,b" },
  { Architecture: "amd64 i386" },
  { Architecture: "../../../x" },
  { Package: "Lantern", Version: "99" },
  { Version: "1 2" },
];

const clients = [machineApt, apt3Client];
for (const client of clients) tellStory(client);

for (const client of clients) {
  describe(`what ${client.name} gets`, { skip: !isHere(client) }, () => {
    it("keeps the very package that was published", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await inHome(async (home) => {
          const place = { url: stage.url, repository: stage.repository, channel: CHANNEL };
          const settled = await client.settle(home, place);
          await settled.install(NAME);
          const archives = join(home.folder, "cache/archives");
          const [file = "", ...more] = readdirSync(archives).filter((name) => name.endsWith(".deb"));
          assert.deepEqual(more, []);
          assert.ok(readFileSync(join(archives, file)).equals(makeDeb({ version: "1.0.0" }).bytes));
        });
      }),
    );

    it("installs packages for every architecture, from a suite that has no others", PATIENCE, () =>
      onStage(async (stage) => {
        const version = "1:2.0.0~rc1-1";
        await stage.publish("2.0.0", { packages: [makeDeb({ version, architecture: "all" })] });
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          assert.equal(await settled.startProgram(NAME), version);
        });
      }),
    );

    it("updates and installs as before whatever another app's package says of itself", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0", { packages: [makeDeb({ version: "1.0.0" })] });
        for (const [index, fields] of HOSTILE_CONTROLS.entries()) {
          const app = `hostile-${index}`;
          await stage.publish("1.0.0", { app, packages: [makeDeb({ name: app, version: "1.0.0", fields })] });
        }
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
          const { stdout } = await settled.run("dist-upgrade", "--simulate");
          assert.match(stdout, /0 upgraded, 0 newly installed, 0 to remove/);
          // What is odd but readable is there.
          await settled.install("hostile-0");
        });
      }),
    );

    it("updates from a suite whose last package was withdrawn", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0", { packages: [makeDeb({ version: "1.0.0" })] });
        await withClient(client, stage, async (settled) => {
          await settled.run("update");
          await stage.publish("2.0.0", { packages: [makeNpm({ version: "2.0.0" })], channel: null });
          await stage.dist("channel", "promote", NAME, CHANNEL, "2.0.0", "--exact");
          await stage.yank("1.0.0", "2.0.0", "loses notes");
          await settled.run("update");
          await assert.rejects(settled.install(NAME), /Unable to locate package lantern/);
        });
      }),
    );

    it("sees of a channel what is on it, and nothing that was yanked", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.publish("1.1.0");
        await stage.publish("2.0.0", { channel: "beta" });
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.1.0");
          await stage.yank("1.1.0", "1.0.0", "loses notes");
          await settled.remove(NAME);
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
          for (const version of ["1.1.0", "2.0.0"])
            await assert.rejects(settled.install(NAME, version), (error) => {
              return error instanceof ClientFailure && /Version '[0-9.]+' for 'lantern' was not found/.test(error.message);
            });
        });
      }),
    );
  });
}
