import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, openEnvelope, type PublishDocument, publishDocumentSchema } from "@distd/core/wire";
import { dist, inFolder, SAMPLES, sampleManifest } from "../support/dist.ts";
import { ADMIN_TOKEN, withServer } from "../support/server.ts";

const publish = (folder: string, server: string, manifest = "dist.json", ...more: string[]) =>
  dist(["ci", "publish", "--manifest", manifest, "--json", ...more], { server, cwd: folder });

describe("dist ci publish", () => {
  it("takes a real Android and iOS build to a channel, and out again byte for byte", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0", { access: "public", notes: "First **beta**" }) }, async (folder) => {
        const ran = await publish(folder, server.url);
        assert.equal(ran.code, 0, ran.stderr);
        const document = ran.json<PublishDocument>();
        publishDocumentSchema.strict().parse(document);
        assert.equal(document.release.status, "published");
        assert.deepEqual(document.channel, {
          name: "beta",
          sequence: 1,
          targets: {
            "android/any": { release: document.release.id, version: "1.4.0" },
            "ios/arm64": { release: document.release.id, version: "1.4.0" },
          },
        });
        assert.deepEqual(document.warnings, []);
        assert.deepEqual(
          document.artifacts.map(({ platform, format, arch, facts }) => [
            platform,
            format,
            arch,
            facts?.["identifier"],
            facts?.["version"],
            facts?.["build"],
          ]),
          [
            ["android", "apk", "any", "test.acme.notes", "1.4.0", "412"],
            ["ios", "ipa", "arm64", "test.acme.notes", "1.4.0", "412"],
          ],
        );
        for (const { url, path, digest, size } of document.artifacts) {
          // What iPhones do not install by themselves is for people who say who they are.
          const isForKnown = path.endsWith(".ipa");
          if (isForKnown) assert.equal((await fetch(url)).status, 401);
          const response = await fetch(url, { headers: isForKnown ? { authorization: `Bearer ${ADMIN_TOKEN}` } : {} });
          const bytes = new Uint8Array(await response.arrayBuffer());
          assert.deepEqual(bytes, new Uint8Array(readFileSync(path)));
          assert.equal(bytes.length, size);
          assert.equal(response.headers.get("etag"), `"${digest?.slice(7)}"`);
        }
        const latest = await fetch(`${server.url}/d/acme-notes/beta?platform=android&arch=aarch64`);
        assert.deepEqual(new Uint8Array(await latest.arrayBuffer()), new Uint8Array(readFileSync(join(SAMPLES, "1.4.0", "notes.apk"))));

        const { publicKey } = (await (await fetch(`${server.url}/api/v1/instance`)).json()) as { publicKey: string };
        const envelope = await (await fetch(`${server.url}/a/acme-notes/beta.json`)).json();
        const signed = JSON.parse(openEnvelope(envelope as never, CHANNEL_DOCUMENT_TYPE, [createPublicKey(publicKey)])) as ChannelDocument;
        assert.deepEqual(
          Object.values(signed.targets)
            .map(({ custom }) => custom.url)
            .toSorted(),
          document.artifacts.map(({ url }) => url).toSorted(),
        );

        const page = await (await fetch(`${server.url}/a/acme-notes/beta`)).text();
        assert.match(page, /Acme Notes/);
        assert.match(page, /1\.4\.0 \(412\)/);
      }),
    ));

  it("gives a repeated job the same ids, and moves nothing back", () =>
    withServer((server) =>
      inFolder({ "old.json": sampleManifest("1.4.0"), "new.json": sampleManifest("1.5.0") }, async (folder) => {
        const first = (await publish(folder, server.url, "old.json")).json<PublishDocument>();
        const again = (await publish(folder, server.url, "old.json")).json<PublishDocument>();
        assert.deepEqual(again, first);
        const newer = (await publish(folder, server.url, "new.json")).json<PublishDocument>();
        assert.equal(newer.channel?.sequence, 2);
        const late = await publish(folder, server.url, "old.json");
        assert.equal(late.code, 0);
        assert.deepEqual(late.json<PublishDocument>().channel, newer.channel);
        assert.match(late.json<PublishDocument>().warnings.join(), /left alone/);
        const back = await dist(["channel", "rollback", "acme-notes", "beta", "--json"], { server: server.url });
        assert.deepEqual(back.json(), { ...first.channel, sequence: 3 });
      }),
    ));

  it("sends nothing twice", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (folder) => {
        await publish(folder, server.url);
        await publish(folder, server.url);
        const log = await dist(["audit", "list", "--json"], { server: server.url });
        const uploads = log.json<{ events: { action: string }[] }>().events.filter(({ action }) => action === "upload.complete");
        assert.equal(uploads.length, 2);
      }),
    ));

  it("is published but not promoted with a token that may not promote: exit 3, the document, channel null", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (folder) => {
        await dist(["app", "create", "acme-notes"], { server: server.url });
        const { secret } = (
          await dist(["token", "create", "--app", "acme-notes", "--scope", "publish,promote:nightly", "--expires", "1h", "--json"], {
            server: server.url,
          })
        ).json<{ secret: string }>();
        const ran = await dist(["ci", "publish", "--json"], { server: server.url, token: secret, cwd: folder });
        assert.equal(ran.code, 3);
        assert.equal(ran.json<PublishDocument>().channel, null);
        assert.equal(ran.json<PublishDocument>().release.status, "published");
        assert.match(ran.stderr, /code: channel\/not-promoted/);
      }),
    ));

  it("creates the app only with the scope for it", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (folder) => {
        const make = async (scope: string) =>
          (await dist(["token", "create", "--scope", scope, "--json"], { server: server.url })).json<{ secret: string }>().secret;
        const without = await dist(["ci", "publish", "--json"], { server: server.url, token: await make("publish,promote"), cwd: folder });
        assert.equal(without.code, 10);
        assert.equal(without.json()["code"], "app/not-found");
        const withScope = await dist(["ci", "publish", "--json"], {
          server: server.url,
          token: await make("publish,promote,app:create"),
          cwd: folder,
        });
        assert.equal(withScope.code, 0, withScope.stderr);
      }),
    ));

  it("stores nothing of a broken artifact", () =>
    withServer((server) =>
      inFolder(
        {
          "dist.json": sampleManifest("1.4.0", { artifacts: [{ path: "notes.apk" }] }),
          "notes.apk": readFileSync(join(SAMPLES, "1.4.0", "notes.apk")).subarray(0, 9000),
        },
        async (folder) => {
          const ran = await publish(folder, server.url);
          assert.equal(ran.code, 20);
          assert.equal(ran.json()["code"], "artifact/broken");
          const apps = await dist(["app", "list", "--json"], { server: server.url });
          assert.deepEqual(apps.json(), { apps: [] });
        },
      ),
    ));

  it("prints for people: what went where, the page, and one document only with --json", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (folder) => {
        const ran = await dist(["ci", "publish"], {
          server: server.url,
          cwd: folder,
          env: { GITHUB_STEP_SUMMARY: join(folder, "summary.md"), CI: "true" },
        });
        assert.match(ran.stdout, /^✓ acme-notes 1\.4\.0 \(412\) published to beta in /);
        assert.match(ran.stdout, new RegExp(`page {2}${server.url}/a/acme-notes/beta`));
        assert.equal(ran.stdout.includes("\u001b"), false);
        assert.match(readFileSync(join(folder, "summary.md"), "utf8"), /live on \*\*beta\*\*, sequence 1/);
      }),
    ));

  it("folds the result into a section of GitLab's job log, beside the one document", () =>
    withServer((server) =>
      inFolder({ "dist.json": sampleManifest("1.4.0") }, async (folder) => {
        const ran = await dist(["ci", "publish", "--json"], { server: server.url, cwd: folder, env: { GITLAB_CI: "true" } });
        assert.equal(ran.code, 0, ran.stderr);
        publishDocumentSchema.strict().parse(ran.json());
        const [, start, header, body, end] =
          // oxlint-disable-next-line no-control-regex -- the escape sequences are the format
          /^\u001b\[0Ksection_start:(\d+):dist_summary\r\u001b\[0K([^\n]+)\n([^]*?)\n\u001b\[0Ksection_end:(\d+):dist_summary\r\u001b\[0K$/m.exec(
            ran.stderr,
          ) ?? [];
        assert.equal(header, "Published acme-notes 1.4.0");
        assert.match(body ?? "", /live on \*\*beta\*\*, sequence 1/);
        assert.ok(Math.abs(Number(start) - Date.now() / 1000) < 60 && Number(end) >= Number(start), `${start} ${end}`);
      }),
    ));
});

describe("several jobs, one release", () => {
  const manifest = sampleManifest("1.4.0", { parts: ["android", "ios"] });

  it("stays a draft that names what is missing until the job that completes it", () =>
    withServer((server) =>
      inFolder({ "dist.json": manifest }, async (folder) => {
        const first = await publish(folder, server.url, "dist.json", "--part", "android");
        assert.equal(first.code, 3);
        assert.equal(first.json()["code"], "release/incomplete");
        assert.deepEqual((first.json()["details"] as { missing: string[] }).missing, ["ios"]);
        const tolerant = await publish(folder, server.url, "dist.json", "--part", "android", "--allow-incomplete");
        assert.equal(tolerant.code, 0);
        const last = await publish(folder, server.url, "dist.json", "--part", "ios");
        assert.equal(last.code, 0, last.stderr);
        assert.equal(last.json<PublishDocument>().artifacts.length, 2);
        assert.equal(last.json<PublishDocument>().channel?.sequence, 1);
        const repeated = await publish(folder, server.url, "dist.json", "--part", "android");
        assert.equal(repeated.json<PublishDocument>().release.id, last.json<PublishDocument>().release.id);
      }),
    ));

  it("works by hand: create, attach, publish", () =>
    withServer((server) =>
      inFolder({}, async () => {
        const run = (...args: string[]) => dist([...args, "--json"], { server: server.url });
        await run("app", "create", "acme-notes");
        const draft = (await run("release", "create", "acme-notes", "1.4.0", "--build", "412", "--expect", "android,ios")).json<{
          id: string;
          missing: string[];
        }>();
        assert.deepEqual(draft.missing, ["android", "ios"]);
        const attached = (await run("release", "attach", draft.id, join(SAMPLES, "1.4.0", "notes.apk"))).json<{ missing: string[] }>();
        assert.deepEqual(attached.missing, ["ios"]);
        const early = await run("release", "publish", draft.id);
        assert.equal(early.code, 3);
        assert.equal((await run("release", "check", draft.id)).code, 3);
        await run("release", "attach", draft.id, join(SAMPLES, "1.4.0", "Notes.ipa"));
        const published = await run("release", "publish", draft.id);
        assert.equal(published.code, 0, published.stderr);
        assert.equal(published.json()["status"], "published");
        const promoted = await run("channel", "promote", "acme-notes", "beta", "1.4.0", "--expect", "0");
        assert.equal(promoted.json()["sequence"], 1);
      }),
    ));
});
