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

/** In a changed root, as builds of images run in, apt takes every update at once. */
const NO_CHROOT = ["-o", "Dir::Bin::ischroot=/bin/false"];
/** None of them among the one in a hundred that takes an update at 0 %. */
const MACHINES = Array.from({ length: 12 }, (_, index) => String(index + 20).repeat(16));

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

    it("follows a key that takes over", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await withClient(client, stage, async (early) => {
          await early.install(NAME);
          await stage.distd("keys", "rotate", "--family", "openpgp");
          await stage.publish("1.1.0");
          await early.update(NAME);
          await assertInstalled(client, early, "1.1.0");
          await withClient(client, stage, async (late) => {
            await late.install(NAME);
            await assertInstalled(client, late, "1.1.0");
          });
        });
      }),
    );

    it("takes nothing more that only another key than its own signs", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await withClient(client, stage, async (early) => {
          await early.install(NAME);
          await stage.distd("keys", "rotate", "--family", "openpgp", "--compromised");
          await stage.publish("1.1.0");
          await assert.rejects(early.update(NAME), ClientFailure);
        });
        await withClient(client, stage, async (late) => {
          await late.install(NAME);
          await assertInstalled(client, late, "1.1.0");
        });
      }),
    );

    it("takes a phased update on its share of the machines", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await stage.publish("1.1.0", { channel: null });
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          const upgraded = async (phase: number): Promise<number> => {
            await stage.dist("channel", "promote", NAME, CHANNEL, "1.1.0", "--phase", String(phase));
            await settled.run("update");
            let count = 0;
            for (const machine of MACHINES) {
              const { stdout } = await settled.run("upgrade", "--simulate", "-o", `APT::Machine-ID=${machine}`, ...NO_CHROOT);
              if (/^Inst lantern \[1\.0\.0\] \(1\.1\.0/m.test(stdout)) count += 1;
            }
            return count;
          };
          assert.equal(await upgraded(0), 0);
          const half = await upgraded(50);
          assert.ok(half > 0 && half < MACHINES.length, `${half} of ${MACHINES.length}`);
          assert.equal(await upgraded(100), MACHINES.length);
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
