// From the page to the app, as an iPhone goes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { InvitationDocument, TesterDocument } from "@distd/core/wire";
import { dist, inFolder, SAMPLES } from "../../support/dist.ts";
import { isHere, says } from "../client.ts";
import { behindTls, OPENSSL, type TlsFront } from "../tls-front.ts";
import { installOverTheAir } from "./itms.ts";

const PATIENCE = { timeout: 60_000 };
const APP = "acme-notes";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const missing = OPENSSL === null || Bun.which("python3") === null ? "openssl makes the certificate, python3 reads the manifest" : undefined;
const ipaOf = (version: string): string => join(SAMPLES, version, "Notes.ipa");

async function must({ server }: TlsFront, ...args: readonly string[]): Promise<void> {
  const ran = await dist(args, { server });
  assert.equal(ran.code, 0, ran.stderr);
}
async function publish({ server }: TlsFront, version: string, build: string, access = "public"): Promise<void> {
  const artifacts = [{ path: ipaOf(version), install: { mode: "ad-hoc" } }];
  await inFolder({ "dist.json": JSON.stringify({ app: APP, access, version, build, channel: "beta", artifacts }) }, async (cwd) => {
    const ran = await dist(["ci", "publish", "--json"], { server, cwd });
    assert.equal(ran.code, 0, ran.stderr);
  });
}
/** What the button of the page opens. */
async function linkOf({ url, certificate }: TlsFront, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const tls = { ca: readFileSync(certificate, "utf8") };
  const page = await fetch(`${url}/a/${APP}/beta`, { tls, headers: { accept: "text/html", "user-agent": IPHONE, ...more } });
  return /href="(itms-services:[^"]*)"/.exec(await page.text())?.[1]?.replaceAll("&amp;", "&") ?? "";
}

describe("an iPhone's installer", { skip: !isHere({ name: "itms", missing }) }, () => {
  it("follows the page's link to manifest, icon and app, shows nothing of who it is, and updates", PATIENCE, () =>
    behindTls(async (front, home) => {
      for (const [version, build] of [
        ["1.4.0", "412"],
        ["1.5.0", "430"],
      ] as const) {
        await publish(front, version, build);
        const link = await linkOf(front);
        front.asked.length = 0;
        const { ipa, ...installed } = await installOverTheAir(link, front.certificate, home);
        assert.ok(ipa.equals(readFileSync(ipaOf(version))), "other bytes");
        assert.deepEqual([installed.identifier, installed.version, installed.title], ["test.acme.notes", build, "Acme Notes"]);
        assert.equal(front.asked.length, 3);
        for (const { headers } of front.asked)
          for (const name of ["cookie", "authorization", "referer"]) assert.equal(headers.get(name), null);
      }
    }),
  );

  it("goes on where a download broke off", PATIENCE, () =>
    behindTls(async (front, home) => {
      await publish(front, "1.4.0", "412");
      const link = await linkOf(front);
      const whole = readFileSync(ipaOf("1.4.0"));
      front.cut(/\.ipa$/, Math.floor(whole.length / 2));
      const { ipa } = await installOverTheAir(link, front.certificate, home);
      assert.ok(ipa.equals(whole), "other bytes");
      assert.equal(front.asked.at(-1)?.headers.get("range"), `bytes=${Math.floor(whole.length / 2)}-`);
    }),
  );

  it("gets nothing of what was quarantined, nor of an app that is for members now", PATIENCE, () =>
    behindTls(async (front, home) => {
      await publish(front, "1.4.0", "412");
      const old = await linkOf(front);
      await publish(front, "1.5.0", "430");
      const link = await linkOf(front);
      await must(front, "release", "yank", `${APP}@1.4.0`, "--quarantine", "--reason", "it loses notes", "--replacement", "1.5.0");
      await assert.rejects(installOverTheAir(old, front.certificate, home), says(/^451 for/));
      await installOverTheAir(link, front.certificate, home);
      await must(front, "app", "policy", APP, "--access", "members");
      await assert.rejects(installOverTheAir(link, front.certificate, home), says(/^401 for/));
    }),
  );

  it("installs from a personal link without any cookie, counts once, and gets nothing within five seconds of being revoked", PATIENCE, () =>
    behindTls(async (front, home) => {
      await publish(front, "1.4.0", "412", "testers");
      const asked = async <T>(...args: readonly string[]): Promise<T> => {
        const ran = await dist([...args, "--json"], { server: front.server });
        assert.equal(ran.code, 0, ran.stderr);
        return JSON.parse(ran.stdout) as T;
      };
      const { invitations } = await asked<{ invitations: [InvitationDocument] }>(
        "tester",
        "invite",
        APP,
        "--channel",
        "beta",
        "--name",
        "Ana",
      );
      const [{ url, tester }] = invitations;
      const tls = { ca: readFileSync(front.certificate, "utf8") };
      const opened = await fetch(url, { tls, redirect: "manual", headers: { "user-agent": IPHONE } });
      const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
      const link = await linkOf(front, { cookie });
      front.asked.length = 0;
      front.cut(/\.ipa$/, 1000);
      for (let times = 0; times < 2; times++) {
        const { identifier, version, ipa } = await installOverTheAir(link, front.certificate, home);
        assert.deepEqual([identifier, version, ipa.equals(readFileSync(ipaOf("1.4.0")))], ["test.acme.notes", "412", true]);
      }
      // Manifest, icon, app, and the rest of the app; then all of it again.
      assert.equal(front.asked.length, 7);
      for (const { path, headers } of front.asked) {
        assert.match(path, /^\/g\//);
        for (const name of ["cookie", "authorization", "referer"]) assert.equal(headers.get(name), null);
      }
      const { testers } = await asked<{ testers: TesterDocument[] }>("tester", "list", APP);
      assert.deepEqual(
        testers.map(({ id, installs }) => [id, installs.map(({ name, version }) => `${name} ${version}`)]),
        [[tester, ["Notes.ipa 1.4.0"]]],
      );
      const revoked = performance.now();
      await must(front, "tester", "revoke", APP, tester);
      await assert.rejects(installOverTheAir(link, front.certificate, home), says(/^410 for/));
      const paths = front.asked.map(({ path }) => path);
      for (const path of paths) assert.equal((await fetch(front.url + path, { tls })).status, 410, path);
      assert.ok(performance.now() - revoked < 5000);
    }),
  );
});
