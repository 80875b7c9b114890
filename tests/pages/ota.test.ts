// Over the air: what an iPhone's page offers, and what Apple's installer is told.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dist } from "../support/dist.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";
import { publishManifest } from "./published.ts";

const IPA = join(import.meta.dirname, "../../fixtures/signatures/apple/ipa");
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const PUBLIC = "https://get.acme.test";
const NASTY = `Lantern <&>"' ]]> 灯`;
const READ = "import json,plistlib,sys; print(json.dumps(plistlib.load(sys.stdin.buffer)))";
/** `mode`: as the manifest states it. */
const APPS = [
  { app: "in-house", ipa: join(IPA, "enterprise-until-2040.ipa"), mode: "enterprise" },
  { app: "unstated", ipa: join(IPA, "enterprise-until-2040.ipa") },
  { app: "listed", ipa: join(IPA, "ad-hoc-until-2040.ipa"), mode: "ad-hoc" },
  { app: "blurred", ipa: join(IPA, "ad-hoc-until-2040.ipa"), mode: "enterprise" },
  { app: "a-file", ipa: join(IPA, "enterprise-until-2040.ipa"), mode: "artifact-only" },
  { app: "for-the-store", ipa: join(IPA, "app-store.ipa") },
  { app: "inside", ipa: join(IPA, "enterprise-until-2040.ipa"), mode: "enterprise", access: "members" },
] as const;

const publish = (server: TestServer, { app, ipa, ...rest }: (typeof APPS)[number]): Promise<void> =>
  publishManifest(server, {
    app,
    name: NASTY,
    access: "access" in rest ? rest.access : "public",
    version: "1.0",
    build: "1",
    channel: "beta",
    artifacts: [{ path: ipa, ...("mode" in rest ? { install: { mode: rest.mode } } : {}) }],
  });

async function page(server: TestServer, app: string, agent = IPHONE): Promise<string> {
  const response = await fetch(`${server.url}/a/${app}/beta`, { headers: { accept: "text/html", "user-agent": agent } });
  return response.text();
}
function button(html: string): { readonly text: string; readonly href: string } {
  const [, href = "", text = ""] = /<a class="button" href="([^"]*)">([^<]*)</.exec(html) ?? [];
  return { text, href: href.replaceAll("&amp;", "&") };
}
/** Where the installer finds its manifest; undefined for a page that opens no installer. */
function manifestOf(html: string): string | undefined {
  const { href } = button(html);
  return href.startsWith("itms-services:") ? (new URL(href).searchParams.get("url") ?? undefined) : undefined;
}
const isMissing = (tools: readonly string[]): boolean => tools.some((tool) => Bun.which(tool) === null) && !process.env["CI"];
async function artifactOf(server: TestServer, app: string): Promise<string> {
  const ran = await dist(["release", "show", `${app}@1.0`, "--json"], { server: server.url });
  const { artifacts } = JSON.parse(ran.stdout) as { readonly artifacts: readonly { readonly id: string }[] };
  return artifacts[0]?.id ?? "";
}
const fetchManifest = (server: TestServer, app: string, id: string): Promise<Response> =>
  fetch(`${server.url}/a/${app}/ios/${id}/manifest.plist`);

describe("an iPhone's page, over https", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ flags: ["--public-url", PUBLIC] });
    for (const app of APPS) await publish(server, app);
  });
  after(() => server.stop());

  for (const app of ["in-house", "unstated"])
    it(`opens the installer for ${app}, and says whose devices, until when and what to trust`, async () => {
      const html = await page(server, app);
      assert.equal(button(html).text, "Install on this iPhone or iPad");
      assert.match(manifestOf(html) ?? "", new RegExp(`^${PUBLIC}/a/${app}/ios/[^/]+/manifest.plist$`));
      assert.match(html, /For devices of Lantern Works\..* trust Lantern Works\. Works until 2040-01-01\./);
    });

  it("says how many devices an ad hoc build is for, and shows the ends of theirs", async () => {
    const html = await page(server, "listed");
    assert.notEqual(manifestOf(html), undefined);
    assert.match(html, /Installs only on the 2 devices/);
    assert.match(html, /Is my device in it\?.*…000001.*…000002/s);
    assert.doesNotMatch(html, /00008101-TEST/);
  });

  it("hands out a build that is a file alone to people who are known here, on pages, at its address, and in no feed", async () => {
    const html = await page(server, "a-file");
    assert.equal(button(html).text, "");
    assert.match(html, /This file is for people with a token or an invitation\..*href="\/sign-in\?to=%2Fa%2Fa-file%2Fbeta"/s);
    assert.match(html, /does not install on an iPhone by itself/);
    const id = await artifactOf(server, "a-file");
    const address = `${server.url}/d/a-file/artifacts/${id}/enterprise-until-2040.ipa`;
    assert.equal((await fetch(address)).status, 401);
    const known = await fetch(address, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    assert.deepEqual([known.status, known.headers.get("cache-control")], [200, "private, max-age=31536000, immutable"]);
    assert.equal((await fetchManifest(server, "a-file", id)).status, 401);
    const files = await dist(["feed", "list", "--json"], { server: server.url });
    assert.equal(files.code, 0);
    const listed = await fetch(`${server.url}/api/v1/repositories/main/files`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    assert.ok(!(await listed.text()).includes(id));
    const signed = await fetch(`${server.url}/a/a-file/beta`, {
      headers: { accept: "text/html", "user-agent": IPHONE, cookie: `member=${ADMIN_TOKEN}` },
    });
    assert.equal(button(await signed.text()).text, "Download IPA");
  });

  for (const app of ["blurred", "for-the-store"])
    it(`offers ${app} as a file that does not install by itself, and has no manifest for it`, async () => {
      const html = await page(server, app);
      assert.equal(button(html).text, "Download IPA");
      assert.match(html, /does not install on an iPhone by itself/);
      const refused = await fetchManifest(server, app, await artifactOf(server, app));
      assert.deepEqual([refused.status, ((await refused.json()) as { readonly code: string }).code], [404, "artifact/not-found"]);
    });

  it("offers a computer the file: there is nothing to install on", async () => {
    const html = await page(
      server,
      "in-house",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36",
    );
    assert.equal(manifestOf(html), undefined);
  });

  it("tells strangers of an app for members what it tells of one that is not there", async () => {
    const id = await artifactOf(server, "inside");
    const [inside, nowhere] = [await fetchManifest(server, "inside", id), await fetchManifest(server, "nowhere", id)];
    const code = async (answer: Response): Promise<unknown> => ((await answer.json()) as { readonly code: string }).code;
    assert.deepEqual([inside.status, await code(inside)], [nowhere.status, await code(nowhere)]);
    assert.equal(inside.status, 401);
  });

  for (const [reader, tools] of [
    ["plistlib", ["python3"]],
    ["plistutil and plistlib", ["plistutil", "python3"]],
  ] as const)
    it(`gives the installer what it asks for, as ${reader} reads it`, { skip: isMissing(tools) }, async () => {
      const address = manifestOf(await page(server, "in-house")) ?? "";
      const answer = await fetch(address.replace(PUBLIC, server.url));
      assert.equal(answer.headers.get("content-type"), "application/xml; charset=utf-8");
      const xml = Buffer.from(await answer.arrayBuffer());
      const plist = reader === "plistlib" ? xml : execFileSync("plistutil", ["-f", "bin"], { input: xml });
      const read = execFileSync("python3", ["-c", READ], { input: plist, encoding: "utf8" });
      const { items } = JSON.parse(read) as {
        readonly items: readonly [{ readonly assets: readonly [{ kind: string; url: string }]; readonly metadata: unknown }];
      };
      const [{ assets, metadata }] = items;
      assert.deepEqual(metadata, { "bundle-identifier": "example.lantern", "bundle-version": "1", kind: "software", title: "Lantern" });
      assert.equal(assets[0].kind, "software-package");
      const ipa = await fetch(assets[0].url.replace(PUBLIC, server.url));
      assert.deepEqual(Buffer.from(await ipa.arrayBuffer()), Buffer.from(await Bun.file(APPS[0].ipa).arrayBuffer()));
    });
});

describe("an iPhone's page, over http", () => {
  it("says that nothing installs that way, and offers the file", async () => {
    const server = await startServer();
    try {
      await publish(server, APPS[0]);
      const html = await page(server, "in-house");
      assert.equal(button(html).text, "Download IPA");
      assert.match(html, /installs over https only/);
      assert.equal((await fetchManifest(server, "in-house", await artifactOf(server, "in-house"))).status, 404);
    } finally {
      await server.stop();
    }
  });
});
