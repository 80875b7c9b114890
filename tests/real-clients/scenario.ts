import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { FEEDS } from "@distd/feeds";
import { ClientFailure, inHome, isHere, type RealClient, type Settled } from "./client.ts";
import { NAME, unreadByte } from "./packages.ts";
import { CHANNEL, onStage, type Stage } from "./stage.ts";

const isLong = process.env["DIST_LONG"] === "1";
export const UPDATES = isLong ? 200 : 20;
const PROMOTION_EVERY_MS = isLong ? 1_000 : 200;
const MINUTE_MS = 60_000;
export const PATIENCE = { timeout: isLong ? 30 * MINUTE_MS : 3 * MINUTE_MS };

/** What a client goes through with a server: the same story for all of them. */
export function tellStory(client: RealClient): void {
  const { feed: id } = client;
  const feed = FEEDS.find((one) => one.id === id);
  assert.ok(feed, `no feed is called ${id}`);
  const isIn = isHere(client);
  const updates = client.isSlow ? UPDATES / 2 : UPDATES;

  void describe(client.name, { skip: !isIn }, () => {
    void it("installs what was published, updates, and goes back as its trait or the feed's says", PATIENCE, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await withClient(client, stage, async (settled) => {
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");

          await stage.publish("1.1.0", { channel: null });
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.0.0");
          await stage.promote("1.1.0");
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.1.0");

          await stage.rollback();
          await settled.update(NAME);
          await assertInstalled(client, settled, (client.rollback ?? feed.traits.rollback) === "follows" ? "1.0.0" : "1.1.0");
          await settled.remove(NAME);
          await settled.install(NAME);
          await assertInstalled(client, settled, "1.0.0");
          // What the channel went back over: gone, or still there for who names it.
          if (feed.traits.passedOver === "dropped") await assert.rejects(settled.install(NAME, "1.1.0"), ClientFailure);
          else {
            await settled.install(NAME, "1.1.0");
            await assertInstalled(client, settled, "1.1.0");
            await settled.remove(NAME);
            await settled.install(NAME);
          }

          await stage.promote("1.1.0");
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.1.0");
          await stage.publish("1.2.0");
          await settled.update(NAME);
          await assertInstalled(client, settled, "1.2.0");
          await settled.remove(NAME);
          await settled.install(NAME, "1.0.0");
          await assertInstalled(client, settled, "1.0.0");
        });
      }),
    );

    void it("refuses an artifact of which one byte was changed", { ...PATIENCE, skip: !client.onTamperedBytes }, () =>
      onStage(async (stage) => {
        await stage.publish("1.0.0");
        await assertRefusesSpoilt(client, stage, (path) => (/\.(?:deb|whl|tar\.gz|tgz)$/.test(path) ? unreadByte(path) : undefined));
      }),
    );

    for (const index of client.checkedIndexes) {
      void it(`refuses an index of which one byte was changed: ${index.source}`, PATIENCE, () =>
        onStage(async (stage) => {
          await stage.publish("1.0.0");
          await assertRefusesSpoilt(client, stage, (path, { length }) => (index.test(path) ? length >> 1 : undefined));
        }),
      );
    }

    void it("gets a members' app only with a token that may read it", PATIENCE, () =>
      onStage(
        async (stage) => {
          await stage.publish("1.0.0");
          await stage.dist("app", "create", "other", "--access", "members");
          const others = await stage.readToken("other");
          for (const token of [undefined, others, "not-a-token"]) {
            const refused = withClient(client, stage, (settled) => settled.install(NAME), token);
            await assert.rejects(refused, (error) => error instanceof ClientFailure && client.onMissingToken.test(error.message), token);
          }
          const token = await stage.readToken();
          await withClient(
            client,
            stage,
            async (settled) => {
              await settled.install(NAME);
              await assertInstalled(client, settled, "1.0.0");
              await stage.publish("1.1.0");
              await settled.update(NAME);
              await assertInstalled(client, settled, "1.1.0");
            },
            token,
          );
        },
        { access: "members" },
      ),
    );

    void it(`never fails in ${updates} updates while releases are promoted`, PATIENCE, () =>
      onStage(async (stage) => {
        const versions = ["1.0.0", "1.1.0"];
        for (const version of versions) await stage.publish(version);
        const promotions = startPromoting(stage, versions);
        try {
          await withClient(client, stage, async (settled) => {
            await settled.install(NAME);
            for (let count = 1; count <= updates; count += 1) {
              // Every other time as on a new machine: nothing kept, all fetched.
              if (count % 2 === 0) {
                await settled.remove(NAME);
                await settled.install(NAME);
              } else await settled.update(NAME);
              await assertInstalled(client, settled, ...versions);
            }
          });
        } finally {
          await promotions.stop();
        }
        assert.ok(promotions.count() > 1, "nothing was promoted meanwhile");
      }),
    );
  });
}

/** In a fresh home; with a token where one is given. */
export function withClient<T>(client: RealClient, stage: Stage, body: (settled: Settled) => Promise<T>, token?: string): Promise<T> {
  const place = { url: stage.url, repository: stage.repository, channel: CHANNEL, token };
  return inHome(async (home) => body(await client.settle(home, place)));
}

/** The program runs, says one of the versions, and its file is that version's byte for byte. */
export async function assertInstalled(client: RealClient, settled: Settled, ...versions: readonly string[]): Promise<void> {
  const said = await settled.startProgram(NAME);
  assert.ok(versions.includes(said), `${said} is installed, not ${versions.join(" or ")}`);
  const { program } = client.makePackage(said);
  assert.ok(readFileSync(settled.programFile(NAME)).equals(program), `the installed file is not the one of ${said}`);
}

async function assertRefusesSpoilt(client: RealClient, stage: Stage, spoils: Stage["proxy"]["spoils"]): Promise<void> {
  stage.proxy.spoils = spoils;
  await withClient(client, stage, async (settled) => {
    await assert.rejects(settled.install(NAME), (error) => {
      assert.ok(error instanceof ClientFailure, String(error));
      assert.match(error.message, client.onTamperedBytes ?? /^/);
      return true;
    });
    assert.ok(stage.proxy.spoilt > 0, "the client never asked for it");
    await assert.rejects(settled.startProgram(NAME));
    // The same client takes the same package once nobody is in between.
    stage.proxy.spoils = () => undefined;
    await settled.install(NAME);
    await assertInstalled(client, settled, "1.0.0");
  });
}

/** Promotes releases in turn until stopped. */
export function startPromoting(stage: Stage, versions: readonly string[]): { stop(): Promise<void>; count(): number } {
  let isOver = false;
  let count = 0;
  const done = (async () => {
    while (!isOver) {
      const release = versions[count % versions.length];
      const answer = await stage.call("POST", `/api/v1/apps/${stage.app}/channels/${CHANNEL}/promote`, { release });
      assert.equal(answer.status, 200, await answer.text());
      count += 1;
      await Bun.sleep(PROMOTION_EVERY_MS);
    }
  })();
  // Told when it is waited for.
  done.catch(() => {});
  return {
    count: () => count,
    async stop() {
      isOver = true;
      await done;
    },
  };
}
