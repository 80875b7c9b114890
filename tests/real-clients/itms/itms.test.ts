// From the page to the app, as an iPhone goes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
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
async function publish({ server }: TlsFront, version: string, build: string): Promise<void> {
  const artifacts = [{ path: ipaOf(version), install: { mode: "ad-hoc" } }];
  await inFolder(
    { "dist.json": JSON.stringify({ app: APP, access: "public", version, build, channel: "beta", artifacts }) },
    async (cwd) => {
      const ran = await dist(["ci", "publish", "--json"], { server, cwd });
      assert.equal(ran.code, 0, ran.stderr);
    },
  );
}
/** What the button of the page opens. */
async function linkOf({ url, certificate }: TlsFront): Promise<string> {
  const tls = { ca: readFileSync(certificate, "utf8") };
  const page = await fetch(`${url}/a/${APP}/beta`, { tls, headers: { accept: "text/html", "user-agent": IPHONE } });
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
});
