import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { api, BINARY, distEnv, startDistd } from "./distd-process.ts";
import { alternate, type Measurement, seconds } from "./measurement.ts";
import { startNginx } from "./peers/nginx.ts";
import { requestsPerSecond } from "./requests-per-second.ts";

const SAMPLES = join(import.meta.dirname, "../examples/quickstart/builds/1.4.0");
const PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const BROWSER = [`User-Agent: ${PHONE}`, "Accept: text/html", "Accept-Language: en-US,en;q=0.9"];

/** An install page for everybody, and one behind a personal link, against nginx with the same bytes in a file. */
export async function measurePages(folder: string, rounds: number): Promise<Measurement[]> {
  const distd = await startDistd(join(folder, "pages"));
  const served = join(folder, "served");
  mkdirSync(served, { recursive: true });
  const nginx = await startNginx(served, 15_003);
  try {
    for (const [app, access] of [
      ["open", "public"],
      ["invited", "testers"],
    ] as const) {
      const manifest = join(folder, `${app}.json`);
      const artifacts = ["notes.apk", "Notes.ipa"].map((name) => ({ path: join(SAMPLES, name) }));
      const release = { app, name: "Notes", access, version: "1.4.0", build: "412", channel: "beta", notes: "- Faster", artifacts };
      writeFileSync(manifest, JSON.stringify(release));
      await seconds([BINARY.dist, "ci", "publish", "--manifest", manifest, "--json"], { env: distEnv(distd.url) });
    }
    const page = `${distd.url}/a/open/beta`;
    writeFileSync(join(served, "page.html"), await (await fetch(page, { headers: { "user-agent": PHONE, accept: "text/html" } })).text());
    const body = { name: "Ana", channel: "beta", expiresInSeconds: 86_400 };
    const { invitations } = await api<{ invitations: { url: string }[] }>(distd.url, "/api/v1/apps/invited/testers", body);
    const opened = await fetch(invitations[0]?.url ?? "", { redirect: "manual" });
    const cookie = `Cookie: ${opened.headers.get("set-cookie")?.split(";")[0] ?? ""}`;
    const runs = await alternate(rounds, {
      distd: () => requestsPerSecond(page, ...BROWSER),
      "distd, personal link": () => requestsPerSecond(`${distd.url}/a/invited/beta`, ...BROWSER, cookie),
      nginx: () => requestsPerSecond(`${nginx.url}/page.html`, ...BROWSER),
    });
    const bars = [{ against: "nginx", leastRatio: 0.5 }];
    const { distd: open = [], "distd, personal link": personal = [], nginx: peer = [] } = runs;
    return [
      ...(await firstPaints(page, `${nginx.url}/page.html`, rounds)),
      { id: "page", title: "Install page, 64 connections", unit: "requests/s", runs: { distd: open, nginx: peer }, better: "more", bars },
      {
        id: "page-personal",
        title: "Install page behind a personal link, 64 connections",
        unit: "requests/s",
        runs: { distd: personal, nginx: peer },
        better: "more",
        bars,
      },
    ];
  } finally {
    await nginx.stop();
    await distd.stop();
    for (const name of ["pages", "served"]) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Milliseconds from the request to the first paint, on a phone-sized screen in a context of its own. */
async function firstPaints(distd: string, nginx: string, rounds: number): Promise<Measurement[]> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    console.log("no chromium: the first paint of a page is not measured");
    return [];
  }
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  try {
    const runs = await alternate(rounds * 3, { distd: () => firstPaint(browser, distd), nginx: () => firstPaint(browser, nginx) });
    const bars = [{ of: "distd", limit: 100, median: true }];
    return [{ id: "page-paint", title: "First paint of an install page on a phone's screen", unit: "ms", runs, better: "less", bars }];
  } finally {
    await browser.close();
  }
}

const FIRST_PAINT =
  "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true }))";

async function firstPaint(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({
    userAgent: PHONE,
    viewport: { width: 390, height: 844 },
    isMobile: true,
    deviceScaleFactor: 3,
  });
  try {
    const page = await context.newPage();
    await page.goto(url);
    return Number(await page.evaluate(FIRST_PAINT));
  } finally {
    await context.close();
  }
}
