/**
 * `npm run bench`: builds the binaries and measures everything against its peers. Needs nginx, docker-registry, wrk, curl, skopeo, aapt, rpm and msitools
 * from Debian; with apksigner and osslsigncode verifying is measured too, with docker.io and busybox-static container runtimes.
 * `--only ingest|large|delivery|feeds|pages|idle|inspect|verify|promotion|runtimes` measures a part and prints it; `--rounds N` (5); `--folder DIR` for the data, on the disk to be measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureDelivery } from "./delivery.ts";
import { measureFeeds } from "./feeds.ts";
import { measureIdle } from "./idle.ts";
import { measureIngest, measureLargeIngest } from "./ingest.ts";
import { measureInspect } from "./inspect.ts";
import { measurePromotion } from "./promote.ts";
import { measureRuntimes } from "./runtimes.ts";
import { type Measurement, seconds } from "./measurement.ts";
import { measurePages } from "./pages.ts";
import { measureVerify } from "./verify.ts";
import { writeReport } from "./report.ts";

const { values } = parseArgs({
  options: { only: { type: "string" }, rounds: { type: "string", default: "5" }, folder: { type: "string", default: tmpdir() } },
});
const rounds = Number(values.rounds);
const missing = ["nginx", "docker-registry", "wrk", "curl", "skopeo", "aapt", "rpm", "msiinfo"].filter(
  (tool) => Bun.which(tool) === null && Bun.which(tool, { PATH: "/usr/sbin" }) === null,
);
if (missing.length > 0)
  throw new Error(`missing: ${missing.join(", ")} (apt-get install nginx-light docker-registry wrk curl skopeo aapt rpm msitools)`);
process.env["PATH"] = `${process.env["PATH"]}:/usr/sbin`;

await seconds([process.execPath, "scripts/build-bin.ts", "linux-x64"], { cwd: join(import.meta.dirname, "..") });
const folder = mkdtempSync(join(values.folder, "distd-bench-"));
const sections: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  ingest: () => measureIngest(folder, rounds),
  large: () => measureLargeIngest(folder),
  delivery: () => measureDelivery(folder, rounds),
  feeds: () => measureFeeds(folder, rounds),
  pages: () => measurePages(folder, rounds),
  idle: () => measureIdle(folder, rounds),
  inspect: () => measureInspect(rounds),
  verify: () => measureVerify(rounds),
  promotion: () => measurePromotion(folder),
  runtimes: () => measureRuntimes(rounds),
};
try {
  const measurements: Measurement[] = [];
  for (const [name, measure] of Object.entries(sections)) {
    if (values.only === undefined || values.only === name) measurements.push(...(await measure()));
  }
  writeReport(measurements, { command: "npm run bench", partial: values.only !== undefined });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
