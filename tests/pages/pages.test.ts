// Pages as they are sent: without a browser, and without JavaScript.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dist, type Ran } from "../support/dist.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";
import { publishManifest, publishNotes } from "./published.ts";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0";
const AGENTS = {
  android: `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`,
  iphone:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  facebook:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/520.0]",
  safari: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  windows: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`,
  linux: `Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Safari/537.36`,
  arm: "Mozilla/5.0 (X11; Ubuntu; Linux aarch64; rv:140.0) Gecko/20100101 Firefox/140.0",
} as const;
const MAX_PAGE_BYTES = 30_000;

let server: TestServer;
before(async () => {
  server = await startServer();
  await publishNotes(server);
  await publishManifest(server, {
    app: "hidden",
    name: "Hidden",
    access: "unlisted",
    version: "1.0.0",
    channel: "beta",
    artifacts: [{ link: "https://example.com/x", platform: "ios" }],
  });
  await publishManifest(server, {
    app: "inside",
    name: "Inside",
    access: "members",
    version: "1.0.0",
    channel: "beta",
    artifacts: [{ link: "https://testflight.apple.com/join/abc", platform: "ios", install: { mode: "testflight" } }],
  });
});
after(() => server.stop());

async function get(
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly response: Response; readonly text: string }> {
  const response = await fetch(`${server.url}${path}`, { headers: { accept: "text/html,*/*;q=0.8", ...headers }, redirect: "manual" });
  return { response, text: await response.text() };
}
const textOf = async (path: string, headers?: Readonly<Record<string, string>>): Promise<string> => (await get(path, headers)).text;
/** What the first button says, and where it leads. */
function button(html: string): string {
  const [, href = "", text = ""] = /<a class="button" href="([^"]*)">([^<]*)</.exec(html) ?? [];
  return `${text} → ${href.split("/").at(-1)}`;
}

describe("the page of a channel", () => {
  const expected: Readonly<Record<keyof typeof AGENTS, string>> = {
    android: "Install on Android → notes.apk",
    iphone: "Download IPA → Notes.ipa",
    facebook: "Download IPA → Notes.ipa",
    safari: "Download macOS · DMG → app.dmg",
    windows: "Download Windows · EXE → signed.exe",
    linux: "Download Linux · ZIP → texts.zip",
    arm: "Download Linux · ZIP → signed.jar",
  };
  for (const [name, agent] of Object.entries(AGENTS))
    it(`offers ${name} the right thing first`, async () => {
      const { text, response } = await get("/a/acme-notes/beta", { "user-agent": agent });
      // On a Mac the page for an iPad stands beside it: style sheets tell which is shown.
      const own = name === "safari" ? text.slice(text.indexOf('<div class="desktop">')) : text;
      assert.equal(button(own), expected[name as keyof typeof AGENTS]);
      assert.ok(text.length < MAX_PAGE_BYTES, String(text.length));
      assert.equal(response.headers.get("vary")?.includes("User-Agent"), true);
      for (const file of ["notes.apk", "Notes.ipa", "signed.exe", "texts.zip", "app.dmg", "notes.tar.gz.minisig"])
        assert.match(text, new RegExp(file));
    });

  it("tells an iPhone why nothing installs, and an app's browser that it installs nothing", async () => {
    assert.match(await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.iphone }), /An iPhone installs over https only/);
    assert.match(await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.facebook }), /Facebook cannot install anything/);
  });

  it("tells each Android how to let a browser install, as its version does it", async () => {
    const agent = (version: string): string => `Mozilla/5.0 (Linux; ${version}) ${CHROME} Mobile Safari/537.36`;
    const note = async (userAgent: string, more = {}): Promise<string> =>
      /<p class="note">([^<]*)<\/p>/.exec(await textOf("/a/acme-notes/beta", { "user-agent": userAgent, ...more }))?.[1] ?? "";
    assert.match(await note(agent("Android 7.1.2; Nexus 5X")), /^Before you download: open Settings, Security/);
    assert.match(await note(agent("Android 10; K"), { "sec-ch-ua-platform-version": '"15.0.0"' }), /^Android asks once [^.]*\.$/);
    assert.match(await note(agent("Android 10; K")), /Older systems ask for/);
  });

  it("has what an iPad that says it is a Mac needs, for style sheets to choose", async () => {
    const text = await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.safari });
    assert.match(text, /<div class="tablet">.*Notes\.ipa.*<div class="desktop">/s);
  });

  it("leads to TestFlight, and nowhere else", async () => {
    const text = await textOf("/a/inside/beta", { "user-agent": AGENTS.iphone, authorization: `Bearer ${ADMIN_TOKEN}` });
    assert.equal(button(text), "Open in TestFlight → abc");
  });

  it("lets a wrong guess be corrected, and remembers", async () => {
    const { response } = await get("/a/acme-notes/beta?device=linux-arm64", { "user-agent": AGENTS.windows });
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/a/acme-notes/beta"]);
    const cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    assert.equal(cookie, "device=linux-arm64");
    assert.equal(button(await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.windows, cookie })), "Download Linux · ZIP → signed.jar");
    for (const wrong of ["device=toaster", "device=constructor", "lang=xx", "device=linux-arm64%0d%0aset-cookie:a=b"])
      assert.equal((await get(`/a/acme-notes/beta?${wrong}`)).response.status, 200);
  });

  it("speaks the browser's language, or the chosen one", async () => {
    const wanted = { "accept-language": "de-AT,de;q=0.9,en;q=0.8", "user-agent": AGENTS.android };
    assert.match(await textOf("/a/acme-notes/beta", wanted), /<html lang="de".*Auf Android installieren/s);
    assert.match(await textOf("/a/acme-notes/beta", { ...wanted, cookie: "lang=ja" }), /<html lang="ja".*Android にインストール/s);
    assert.match(await textOf("/a/acme-notes/beta", { ...wanted, cookie: "lang=zh-Hans" }), /<html lang="zh-Hans".*安装到 Android/s);
  });

  it("shows notes as Markdown, and who signed", async () => {
    const text = await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.android });
    assert.match(
      text,
      /<h3>Faster<\/h3>.*<strong>twice as fast<\/strong>.*<a rel="nofollow noreferrer" href="https:\/\/acme\.test\/changes">/s,
    );
    assert.match(text, /Signed by Acme GmbH, intact, identity not verified/);
    assert.match(text, /Android 8\.0 or newer/);
  });

  it("has an icon of its own bytes, kept for good", async () => {
    const [, path = ""] = /<img src="([^"]+)"/.exec(await textOf("/a/acme-notes/beta")) ?? [];
    const response = await fetch(`${server.url}${path}`);
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, "image/png"]);
    assert.match(response.headers.get("cache-control") ?? "", /immutable/);
    assert.equal(
      Buffer.from(await response.arrayBuffer())
        .subarray(1, 4)
        .toString(),
      "PNG",
    );
    assert.equal((await fetch(`${server.url}${path.replace("acme-notes", "hidden")}`)).status, 404);
    assert.equal((await fetch(`${server.url}/a/acme-notes/icon/x.png`)).status, 404);
  });

  it("is described for whoever gets a pasted link", async () => {
    const text = await textOf("/a/acme-notes/beta");
    assert.match(text, /<meta property="og:title" content="Acme Notes 1\.5\.0 · beta"\/>/);
    assert.match(text, /<meta property="og:image" content="http:[^"]*\.png"\/>/);
    assert.doesNotMatch(text, /noindex/);
    assert.match(await textOf("/a/hidden/beta"), /noindex/);
  });
});

describe("what an app says of itself", () => {
  const policy = (...change: readonly string[]): Promise<Ran> => dist(["app", "policy", "acme-notes", ...change], { server: server.url });

  it("stands below its name, and in what a pasted link shows", async () => {
    const set = await policy("--summary", "Notes that a team finds again", "--website", "https://acme.test/notes?from=distd");
    assert.equal(set.code, 0, set.stderr);
    for (const path of ["/a/acme-notes/beta", "/a/acme-notes", "/a/acme-notes/releases/1.5.0"]) {
      const text = await textOf(path);
      assert.match(
        text,
        /<p class="about">Notes that a team finds again <a href="https:\/\/acme\.test\/notes\?from=distd" rel="noreferrer nofollow">acme\.test<\/a>/,
      );
    }
    assert.match(await textOf("/a/acme-notes/beta"), /og:description" content="Notes that a team finds again"/);
    assert.equal((await policy("--summary", "none", "--website", "none")).code, 0);
    assert.doesNotMatch(await textOf("/a/acme-notes/beta"), /class="about"/);
  });

  for (const address of ["javascript:alert(1)", "http://acme.test", "https://acme.test/\u0001", "//acme.test", "acme.test"])
    it(`leads nowhere but to https: ${JSON.stringify(address)}`, async () => assert.equal((await policy("--website", address)).code, 2));
});

describe("other pages", () => {
  it("list the apps that the visitor may see", async () => {
    const everybody = await textOf("/");
    assert.match(everybody, /Acme Notes/);
    assert.doesNotMatch(everybody, /Hidden|Inside/);
    assert.match(await textOf("/", { authorization: `Bearer ${ADMIN_TOKEN}` }), /Hidden.*Inside/s);
  });

  it("show an app's channels and releases", async () => {
    const text = await textOf("/a/acme-notes");
    assert.match(text, /href="\/a\/acme-notes\/beta".*1\.5\.0 \(430\).*href="\/a\/acme-notes\/releases\/1\.4\.0"/s);
  });

  it("show one release with every file and its digest", async () => {
    const text = await textOf("/a/acme-notes/releases/1.4.0");
    assert.equal([...text.matchAll(/<dd class="mono">[0-9a-f]{64}<\/dd>/g)].length >= 7, true);
    assert.match(text, /Acme Notes.*1\.4\.0 \(412\)/s);
  });

  it("say that a release was withdrawn, and what to use instead", async () => {
    await publishManifest(server, {
      app: "gone",
      name: "Gone",
      access: "public",
      version: "1.0.0",
      artifacts: [{ link: "https://example.com/1", platform: "ios" }],
    });
    await publishManifest(server, {
      app: "gone",
      name: "Gone",
      access: "public",
      version: "1.0.1",
      artifacts: [{ link: "https://example.com/2", platform: "ios" }],
    });
    const yanked = await dist(["release", "yank", "gone@1.0.0", "--reason", "It lost notes.", "--replacement", "1.0.1", "--json"], {
      server: server.url,
    });
    assert.equal(yanked.code, 0, yanked.stderr);
    const { response, text } = await get("/a/gone/releases/1.0.0");
    assert.equal(response.status, 200);
    assert.match(text, /Withdrawn\..*It lost notes\..*href="\/a\/gone\/releases\/1\.0\.1"/s);
  });
});

describe("what was stopped", () => {
  it("is said at the file's own address: why, and what to use instead", async () => {
    const texts = join(import.meta.dirname, "../../fixtures/formats/zip/ok");
    for (const [version, name] of [
      ["1.0.0", "texts.zip"],
      ["1.0.1", "signed.jar"],
    ] as const)
      await publishManifest(server, {
        app: "stopped",
        access: "public",
        version,
        channel: "beta",
        artifacts: [{ path: join(texts, name), platform: "linux", arch: "x64" }],
      });
    const { url } = JSON.parse((await dist(["release", "show", "stopped@1.0.0", "--json"], { server: server.url })).stdout)
      .artifacts[0] as { url: string };
    const yank = [
      "release",
      "yank",
      "stopped@1.0.0",
      "--quarantine",
      "--reason",
      "It deletes <b>everything</b>.",
      "--replacement",
      "1.0.1",
    ];
    assert.equal((await dist(yank, { server: server.url })).code, 0);
    const { response, text } = await get(new URL(url).pathname);
    assert.equal(response.status, 451);
    assert.match(text, /<h1>Stopped<\/h1>.*It deletes &lt;b&gt;everything&lt;\/b&gt;\./s);
    const instead = /<a href="(\/a\/stopped\/releases\/[^"]*)">Use this instead</.exec(text)?.[1] ?? "";
    assert.match(await textOf(instead), /1\.0\.1/);
  });
});

describe("for whoever looks closer", () => {
  it("a release says what its checks found", async () => {
    assert.match(
      await textOf("/a/gone/releases/1.0.1"),
      /<summary>Checks<\/summary><ul><li>Every check passed when it was published\.<\/li>/,
    );
    const checks = /<summary>Checks<\/summary><ul>(.*?)<\/ul>/s.exec(await textOf("/a/acme-notes/releases/1.5.0"))?.[1] ?? "";
    assert.match(checks, /<li>[^:]+: [^<]+ <span class="muted mono">gate\/[a-z-]+<\/span><\/li>/);
  });

  it("a channel has lines to copy for dist, curl and mise, and none for what is only on phones", async () => {
    const text = await textOf("/a/acme-notes/beta", { "user-agent": AGENTS.linux });
    const lines = [...text.matchAll(/<pre>([^<]*)<\/pre>/g)].map(([, line]) =>
      line?.replaceAll("&quot;", '"').split(" ").slice(0, 3).join(" "),
    );
    assert.deepEqual(lines, [
      "dist install acme-notes@beta",
      `curl -fLO ${/curl -fLO (\S+?)</.exec(text)?.[1]}`,
      `mise use "github:main/acme-notes[api_url=${server.url}/api/v3]"`,
    ]);
    assert.doesNotMatch(await textOf("/a/gone/beta").catch(() => ""), /dist install/);
  });
});

/** Where a request is sent on to. Word for word: `fetch` would mend the address. */
async function locationOf(target: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`);
  const answer = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString();
  return /^location: (.*)\r$/im.exec(answer)?.[1] ?? assert.fail(answer);
}

describe("failures", () => {
  const cases: readonly (readonly [path: string, status: number, title: string])[] = [
    ["/nothing/here", 404, "Not found"],
    ["/a/acme-notes/nightly", 404, "Not found"],
    ["/a/acme-notes/releases/9.9.9", 404, "Not found"],
    ["/a/inside/beta", 401, "Not open to everyone"],
    ["/a/unknown", 401, "Not open to everyone"],
    ["/d/inside/artifacts/art_1/x", 401, "Not open to everyone"],
  ];
  for (const [path, status, title] of cases)
    it(`${path} is a page for people, and a problem for programs`, async () => {
      const { response, text } = await get(path);
      assert.equal(response.status, status);
      assert.match(response.headers.get("content-type") ?? "", /text\/html/);
      assert.match(text, new RegExp(`<h1>${title}</h1>`));
      const plain = await fetch(`${server.url}${path}`, { headers: { accept: "*/*" } });
      assert.deepEqual([plain.status, plain.headers.get("content-type")], [status, "application/problem+json"]);
    });

  it("let the language be chosen, as every page does", async () => {
    for (const path of ["/nothing/here", "/a/inside/beta", "/sign-in", "/sign-in?to=/a/inside/beta"]) {
      const { response } = await get(`${path}${path.includes("?") ? "&" : "?"}lang=de`);
      assert.deepEqual([response.status, response.headers.get("set-cookie")?.split(";")[0]], [303, "lang=de"], path);
      assert.equal(decodeURIComponent(response.headers.get("location") ?? ""), path);
    }
  });

  for (const path of ["//evil.test/", "///evil.test", "/\\evil.test", "//evil.test/%2f.."])
    it(`lead to no other server: ${JSON.stringify(path)}`, async () => {
      const location = await locationOf(`${path}?lang=de`);
      assert.equal(new URL(location, server.url).origin, server.url, location);
    });

  it("are in the visitor's language too", async () =>
    assert.match(await textOf("/nothing", { "accept-language": "ja" }), /<h1>見つかりません<\/h1>/));
});

describe("every page", () => {
  const paths = ["/", "/a/acme-notes", "/a/acme-notes/beta", "/a/acme-notes/releases/1.5.0", "/nothing"];
  for (const path of paths)
    it(`${path} asks nobody else for anything, and nobody may frame it`, async () => {
      const { response, text } = await get(path);
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(
        policy,
        /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
      );
      assert.deepEqual(
        [response.headers.get("x-content-type-options"), response.headers.get("referrer-policy")],
        ["nosniff", "no-referrer"],
      );
      assert.doesNotMatch(text, /<script|javascript:|\son[a-z]+=|style="/i);
      for (const [, address = ""] of text.matchAll(/<(?:img|link)[^>]* (?:src|href)="([^"]*)"/g)) assert.match(address, /^\/a\//);
      assert.equal((await fetch(`${server.url}${path}`, { method: "POST" })).status === 405 || path === "/nothing", true);
    });
});
