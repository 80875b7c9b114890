// Install pages in a real browser: sizes, colours, languages, without a mouse, without JavaScript, at double size, on paper.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { InvitationDocument } from "@distd/core/wire";
import { dist } from "../support/dist.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";
import { publishManifest, publishNotes } from "../pages/published.ts";
import { openPage, type Seen, skip, startBrowser } from "./browser.ts";
import { PAYLOADS } from "./payloads.ts";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0";
const SIZES = {
  phone: { width: 390, height: 844, userAgent: `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, hint: "Android" },
  tablet: { width: 820, height: 1180, userAgent: `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Safari/537.36`, hint: "Android" },
  desktop: { width: 1280, height: 900, userAgent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, hint: "Windows" },
} as const;
const LANGUAGES = ["en", "de", "zh-Hans", "ja"] as const;
const PAGES = {
  apps: "/",
  app: "/a/acme-notes",
  channel: "/a/acme-notes/beta",
  release: "/a/acme-notes/releases/1.4.0",
  failure: "/a/acme-notes/nothing",
  signIn: "/sign-in",
} as const;
/** Pages of people who were not invited, are no more, and are: the last leaves a cookie behind. */
const PERSONAL = { forInvited: "/a/acme-seen/beta", ended: "", invited: "" };
/** Where screenshots are put, for whoever looks at them. */
const SCREENSHOTS = process.env["DIST_SCREENSHOTS"];
const MIN_TARGET_PX = 44;
const OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true";

let server: TestServer;
let browser: Browser;

function optionsOf(size: keyof typeof SIZES, more: BrowserContextOptions = {}): BrowserContextOptions {
  const { width, height, userAgent, hint } = SIZES[size];
  return { viewport: { width, height }, userAgent, extraHTTPHeaders: { "sec-ch-ua-platform": `"${hint}"` }, ...more };
}

async function see<T>(path: string, options: BrowserContextOptions, look: (seen: Seen) => Promise<T>): Promise<T> {
  const seen = await openPage(browser, `${server.url}${path}`, options);
  try {
    return await look(seen);
  } finally {
    await seen.close();
  }
}

/** To an app whose page everybody sees, and only they install; one who still is, and one who is not any more. */
async function inviteSomebody(): Promise<Partial<typeof PERSONAL>> {
  await publishNotes(server, { app: "acme-seen" });
  const run = async (...args: readonly string[]): Promise<string> => {
    const ran = await dist(args, { server: server.url });
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout;
  };
  await run("app", "policy", "acme-seen", "--download", "testers", "--install", "testers", "--contact", "notes-team@acme.test");
  const invite = async (name: string): Promise<{ readonly path: string; readonly tester: string }> => {
    const said = await run("tester", "invite", "acme-seen", "--channel", "beta", "--name", name, "--json");
    const [{ url, tester }] = (JSON.parse(said) as { invitations: [InvitationDocument] }).invitations;
    return { path: new URL(url).pathname, tester };
  };
  const [invited, ended] = [await invite("Ana"), await invite("Bo")];
  await run("tester", "revoke", "acme-seen", ended.tester);
  return { invited: invited.path, ended: ended.path };
}

const overflows = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

describe("install pages in a browser", { skip }, () => {
  before(async () => {
    server = await startServer();
    await publishNotes(server);
    const about = ["--summary", "Notes that your whole team finds again", "--website", "https://acme.test/notes"];
    await dist(["app", "policy", "acme-notes", ...about], { server: server.url });
    Object.assign(PERSONAL, await inviteSomebody());
    browser = await startBrowser();
    if (SCREENSHOTS !== undefined) mkdirSync(SCREENSHOTS, { recursive: true });
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[])
    for (const colorScheme of ["light", "dark"] as const)
      for (const language of LANGUAGES)
        it(`${size}, ${colorScheme}, ${language}: reads well, and nothing is in anybody's way`, () => {
          const options = optionsOf(size, { colorScheme, locale: language === "zh-Hans" ? "zh-CN" : language });
          return see(PAGES.channel, options, async ({ page, complaints }) => {
            for (const [name, path] of Object.entries({ ...PAGES, ...PERSONAL })) {
              await page.goto(`${server.url}${path}`);
              assert.equal(await page.getAttribute("html", "lang"), language);
              assert.equal(await overflows(page), false, `${path} is wider than the screen`);
              if (SCREENSHOTS !== undefined) {
                const file = `${name}-${size}-${colorScheme}-${language}.png`;
                await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
              }
              // What it looks for is the same in every language, but for the page that has everything.
              if (language !== "en" && name !== "channel") continue;
              // Closed parts count too.
              await page.evaluate(OPEN_ALL);
              const { violations } = await new AxeBuilder({ page }).analyze();
              const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
              assert.deepEqual(found, [], path);
            }
            assert.deepEqual(complaints, []);
          });
        });

  it("are complete without JavaScript: parts open, the button leads to the file", () =>
    see(PAGES.channel, optionsOf("phone", { javaScriptEnabled: false }), async ({ page }) => {
      assert.match((await page.locator("a.button").first().getAttribute("href")) ?? "", /notes\.apk$/);
      const row = page.locator("details .rows a.get").first();
      assert.equal(await row.isVisible(), false);
      await page.locator("details summary").first().click();
      assert.equal(await row.isVisible(), true);
    }));

  it("need no mouse: the button comes behind the app's own address, then every part, each in sight when it has the focus", () =>
    see(PAGES.channel, optionsOf("desktop"), async ({ page }) => {
      for (const focused of ["acme.test", "Download Windows · EXE"]) {
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate("document.activeElement.textContent"), focused);
      }
      const names: string[] = [];
      for (let step = 0; step < 12; step += 1) {
        const [tag, outline] = (await page.evaluate(
          "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]",
        )) as [string, string];
        assert.notEqual(outline, "none", tag);
        names.push(tag);
        await page.keyboard.press("Tab");
      }
      assert.ok(names.includes("SUMMARY"));
      const summary = page.locator("summary").first();
      await summary.focus();
      await page.keyboard.press("Enter");
      assert.equal(await page.locator("details").first().getAttribute("open"), "");
    }));

  it("have targets that a thumb hits", () =>
    see(PAGES.channel, optionsOf("phone"), async ({ page }) => {
      await page.evaluate(OPEN_ALL);
      const small = await page.evaluate(
        `[...document.querySelectorAll('a.button, a.get, summary, footer a')].filter((one) => one.getBoundingClientRect().height < ${MIN_TARGET_PX}).map((one) => one.textContent)`,
      );
      assert.deepEqual(small, []);
    }));

  it("fit at double size, and on the smallest phone", async () => {
    for (const width of [320, 640])
      await see(PAGES.channel, optionsOf("phone", { viewport: { width, height: 700 }, deviceScaleFactor: 2 }), async ({ page }) => {
        await page.evaluate(OPEN_ALL);
        assert.equal(await overflows(page), false, String(width));
      });
  });

  it("turn around for scripts that are written from the right", () =>
    see(PAGES.channel, optionsOf("phone"), async ({ page }) => {
      await page.evaluate(`document.documentElement.dir = "rtl"; ${OPEN_ALL}`);
      assert.equal(await overflows(page), false);
      const [icon, title, note] = (await page.evaluate(
        "['.head img, .head .blank', '.head h1', '.note'].map((one) => document.querySelector(one).getBoundingClientRect()).map(({ left, right }) => ({ left, right }))",
      )) as [{ left: number; right: number }, { left: number; right: number }, unknown];
      assert.ok(icon.left >= title.right, "the icon stands on the left of the name");
      assert.ok(note);
      const sides = await page.evaluate(
        "(({ borderRightWidth, borderLeftWidth, paddingRight, paddingLeft }) => [borderRightWidth, paddingRight, borderLeftWidth, paddingLeft])(getComputedStyle(document.querySelector('.note')))",
      );
      assert.deepEqual(sides, ["3px", "12px", "0px", "0px"]);
      assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.head .mono')).direction"), "ltr");
      if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, "channel-phone-rtl.png"), fullPage: true });
    }));

  it("print as a sheet: every file, digests, a code to scan, and nothing to press", () =>
    see(PAGES.release, optionsOf("desktop"), async ({ page }) => {
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator("svg.qr").isVisible(), true);
      assert.equal(await page.locator("a.button").first().isVisible(), false);
      assert.equal(await page.locator("footer").isVisible(), false);
      const [shown, all] = [await page.locator("dd.mono:visible").count(), await page.locator("dd.mono").count()];
      assert.deepEqual([shown > 6, shown], [true, all]);
    }));

  it("show an iPad's action to no Mac", () =>
    see(
      PAGES.channel,
      {
        viewport: { width: 1280, height: 900 },
        userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
        extraHTTPHeaders: { "sec-ch-ua-platform": '""' },
      },
      async ({ page }) =>
        assert.deepEqual([await page.locator(".tablet").isVisible(), await page.locator(".desktop").isVisible()], [false, true]),
    ));

  it(`let none of ${PAYLOADS.length} payloads become anything but text`, async () => {
    assert.ok(PAYLOADS.length >= 120);
    await dist(["app", "policy", "acme-notes", "--website", "none"], { server: server.url });
    const artifacts = [{ link: "https://example.com/notes", platform: "ios" }];
    await publishManifest(server, { app: "acme-notes", version: "2.0.0", channel: "beta", notes: PAYLOADS.join("\n\n"), artifacts });
    const patch = (body: unknown): Promise<Response> =>
      fetch(`${server.url}/api/v1/apps/acme-notes`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await see(PAGES.channel, optionsOf("desktop"), async ({ page, complaints }) => {
      for (const payload of PAYLOADS) {
        // Names have no line breaks and no control characters; what is left of a payload may be one.
        const name = payload
          .replace(/[\u0000-\u001f]/g, " ")
          .trim()
          .slice(0, 100);
        assert.equal((await patch({ name, summary: name, contact: name })).status, 200, name);
        for (const path of [PAGES.channel, PAGES.app]) {
          await page.goto(`${server.url}${path}`);
          assert.equal((await page.locator("h1").textContent())?.trim(), name);
          assert.equal((await page.locator("p.about").textContent())?.trim(), name);
        }
        assert.equal(await page.evaluate("window.hit"), undefined, payload);
      }
      await page.goto(`${server.url}/a/acme-notes/releases/2.0.0`);
      const bad = await page.evaluate(
        `[...document.querySelectorAll("*")].filter((one) => ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "FORM"].includes(one.tagName) || [...one.attributes].some(({ name, value }) => name.startsWith("on") || name === "style" || /^\\s*(?:javascript|data|vbscript):/i.test(value))).map((one) => one.outerHTML)`,
      );
      assert.deepEqual(bad, []);
      assert.equal(await page.evaluate("window.hit"), undefined);
      assert.deepEqual(complaints, []);
    });
  });
});
