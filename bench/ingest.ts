import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BINARY, distEnv, LAUNCHER, startDistd } from "./distd-process.ts";
import { alternate, type Measurement, seconds } from "./measurement.ts";
import { startRegistry } from "./peers/registry.ts";
import { processMemory } from "./process-memory.ts";

const GIB = 1024;

/** One file of 1 GiB, new bytes every round: the whole `dist ci publish` against hashing, copying and syncing, and a push to a registry. */
export async function measureIngest(folder: string, rounds: number): Promise<Measurement[]> {
  const fromBinary = { distd: await startDistd(join(folder, "ingest")), dist: BINARY.dist };
  const fromLauncher = { distd: await startDistd(join(folder, "ingest-launcher"), LAUNCHER.distd), dist: LAUNCHER.dist };
  const registry = await startRegistry(folder, 15_000);
  const file = join(folder, "one.bin");
  const peaks: Record<string, number[]> = { distd: [], "distd, launcher": [] };
  let round = 0;
  const publish = async (name: string, { distd, dist }: typeof fromBinary): Promise<number> => {
    const manifest = join(folder, "dist.json");
    writeFileSync(manifest, JSON.stringify({ app: "ingest", version: `1.0.${round}`, artifacts: [{ path: file }] }));
    const took = await seconds([dist, "ci", "publish", "--manifest", manifest, "--json"], { env: distEnv(distd.url) });
    peaks[name]?.push(processMemory(distd.pid).peakMb);
    return took;
  };
  try {
    const runs = await alternate(rounds, {
      distd: async () => {
        round += 1;
        await seconds(["dd", "if=/dev/urandom", `of=${file}`, "bs=1M", `count=${GIB}`]);
        await seconds(["sync"]);
        return publish("distd", fromBinary);
      },
      "distd, launcher": () => publish("distd, launcher", fromLauncher),
      "sha256sum + cp + sync": async () => {
        const took = await seconds(["sh", "-ec", 'sha256sum "$1" >/dev/null; cp "$1" "$2"; sync', "copy", file, `${file}.copy`]);
        rmSync(`${file}.copy`);
        return took;
      },
      "docker-registry": () => registry.push(file, `bench${round}`),
    });
    return [
      {
        id: "ingest",
        title: "Publish one file of 1 GiB, whole process",
        unit: "s",
        runs,
        better: "less",
        bars: [
          { against: "sha256sum + cp + sync", leastRatio: 0.9 },
          { against: "docker-registry", leastRatio: 1 },
        ],
      },
      {
        id: "ingest-memory",
        title: "Most memory of distd while ingesting 1 GiB files",
        unit: "MB",
        runs: peaks,
        better: "less",
        bars: [{ of: "distd", limit: 160 }],
      },
    ];
  } finally {
    await fromBinary.distd.stop();
    await fromLauncher.distd.stop();
    await registry.stop();
    for (const place of ["ingest", "ingest-launcher", "store", "one.bin"]) rmSync(join(folder, place), { recursive: true, force: true });
  }
}

/** One file of 10 GiB: memory of both ends must not follow its size. */
export async function measureLargeIngest(folder: string): Promise<Measurement[]> {
  const distd = await startDistd(join(folder, "large"));
  const file = join(folder, "ten.bin");
  try {
    await seconds(["dd", "if=/dev/urandom", `of=${file}`, "bs=1M", `count=${10 * GIB}`]);
    const manifest = join(folder, "large.json");
    writeFileSync(manifest, JSON.stringify({ app: "large", version: "1.0.0", artifacts: [{ path: file }] }));
    const took = await seconds([BINARY.dist, "ci", "publish", "--manifest", manifest, "--json"], { env: distEnv(distd.url) });
    const { peakMb } = processMemory(distd.pid);
    return [
      {
        id: "ingest-10g-memory",
        title: "Most memory of distd while ingesting 10 GiB",
        unit: "MB",
        runs: { distd: [peakMb] },
        better: "less",
        bars: [{ of: "distd", limit: 160 }],
      },
      { id: "ingest-10g", title: "Publish one file of 10 GiB", unit: "s", runs: { distd: [took] }, better: "less", bars: [] },
    ];
  } finally {
    await distd.stop();
    for (const place of ["large", "ten.bin"]) rmSync(join(folder, place), { recursive: true, force: true });
  }
}
