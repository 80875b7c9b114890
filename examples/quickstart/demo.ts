/** `npm run demo`: the main job, end to end, with the real commands on a server of its own. Stays up on a terminal until Ctrl-C. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..", "..");
const bin = (name: string): string => join(repository, "node_modules", ".bin", name);
const folder = mkdtempSync(join(tmpdir(), "distd-demo-"));
const adminToken = randomBytes(24).toString("hex");

const step = (text: string): void => console.log(`\n── ${text}`);

const server = Bun.spawn([bin("distd"), "serve", "--data", join(folder, "data"), "--port", "0", "--log-level", "warn"], {
  env: { ...process.env, DISTD_ADMIN_TOKEN: adminToken },
  stdout: "pipe",
  stderr: "inherit",
});
const url = await listening(server.stdout);
let token = adminToken;

try {
  step(`distd runs at ${url}, with its data in ${join(folder, "data")}`);
  step("an app, and a token for its CI jobs");
  await dist("app", "create", "acme-notes", "--name", "Acme Notes", "--access", "public");
  const created = JSON.parse(
    await dist("token", "create", "--app", "acme-notes", "--scope", "publish,promote:beta", "--name", "ci", "--expires", "90d", "--json"),
  );
  token = (created as { secret: string }).secret;
  console.log(`token ${token.slice(0, 12)}… may publish, and promote to beta`);

  step("CI publishes 1.4.0 for Android and iOS, and promotes it to beta");
  console.log(await publish("1.4.0", "412", "The first beta."));
  step("the next build, promoted to beta");
  console.log(await publish("1.5.0", "430", "Camera notes."));
  step("something is wrong with it: one command, and the build before is live again");
  console.log(await dist("channel", "rollback", "acme-notes", "beta"));
  console.log(await dist("channel", "history", "acme-notes", "beta"));
  step("the log of all this, checked against the server's signatures");
  token = adminToken;
  console.log(await dist("audit", "verify"));
  console.log(`Install page   ${url}/a/acme-notes/beta`);
  console.log(`For updaters   ${url}/a/acme-notes/beta.json`);
  console.log(`Newest apk     ${url}/d/acme-notes/beta?platform=android`);
  if (process.stdout.isTTY) {
    console.log("\nThe server stays up until Ctrl-C.");
    await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
  }
} finally {
  server.kill();
  await server.exited;
  rmSync(folder, { recursive: true, force: true });
}

async function publish(version: string, build: string, notes: string): Promise<string> {
  const builds = join(repository, "examples", "quickstart", "builds", version);
  const artifacts = [{ path: join(builds, "notes.apk") }, { path: join(builds, "Notes.ipa"), install: { mode: "artifact-only" } }];
  const manifest = join(folder, "dist.json");
  writeFileSync(manifest, JSON.stringify({ app: "acme-notes", version, build, channel: "beta", notes, artifacts }));
  return dist("ci", "publish", "--manifest", manifest);
}

async function dist(...args: string[]): Promise<string> {
  console.log(`$ dist ${args.join(" ")}`);
  const env = { ...process.env, DIST_SERVER: url, DIST_TOKEN: token, DIST_CONFIG_HOME: join(folder, "config") };
  const child = Bun.spawn([bin("dist"), ...args], { env, stdout: "pipe", stderr: "inherit" });
  const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code !== 0) throw new Error(`dist ${args.join(" ")} ended with ${code}`);
  return text;
}

async function listening(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    const found = /^distd listening on (\S+)$/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error("distd did not start");
}
