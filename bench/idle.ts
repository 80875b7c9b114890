import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { api, BINARY, LAUNCHER, startDistd } from "./distd-process.ts";
import type { Measurement } from "./measurement.ts";
import { processMemory } from "./process-memory.ts";

const RELEASES = 100_000;

/** What it costs to be there: memory after a start and a few requests, and the time to start with many releases. */
export async function measureIdle(folder: string, rounds: number): Promise<Measurement[]> {
  const memory: Record<string, number[]> = { distd: [], "distd, launcher": [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of [
      ["distd", BINARY.distd],
      ["distd, launcher", LAUNCHER.distd],
    ] as const) {
      const distd = await startDistd(join(folder, "idle"), command);
      await api(distd.url, "/api/v1/apps");
      await Bun.sleep(1500);
      memory[name]?.push(processMemory(distd.pid).nowMb);
      await distd.stop();
    }
  }
  rmSync(join(folder, "idle"), { recursive: true });

  const data = join(folder, "many");
  await fill(data);
  const starts: Record<string, number[]> = { distd: [], "distd, launcher": [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of [
      ["distd", BINARY.distd],
      ["distd, launcher", LAUNCHER.distd],
    ] as const) {
      const distd = await startDistd(data, command);
      starts[name]?.push(distd.startMs);
      await distd.stop();
    }
  }
  rmSync(data, { recursive: true });
  return [
    { id: "idle-memory", title: "Memory when idle", unit: "MB", runs: memory, better: "less", bars: [{ of: "distd", limit: 60 }] },
    {
      id: "start",
      title: `Start to first answer with ${RELEASES} releases`,
      unit: "ms",
      runs: starts,
      better: "less",
      bars: [{ of: "distd", limit: 300 }],
    },
  ];
}

/** A database of 100 apps with 1,000 published releases each, as if they had been published. */
async function fill(data: string): Promise<void> {
  await (await startDistd(data)).stop();
  const database = new Database(join(data, "distd.sqlite"));
  database.run("begin");
  const app = database.prepare("insert into apps (id, org_id, slug, name, access, created_at) values (?, 'org_main', ?, ?, 'public', '')");
  const release = database.prepare(
    "insert into releases (id, app_id, version, scheme, sort_key, build, revision, status, notes, created_at, created_by, published_at, shared) values (?, ?, ?, 'semver', ?, '', 1, 'published', '', '', '', '', 0)",
  );
  for (let index = 0; index < RELEASES; index++) {
    const number = Math.floor(index / 1000);
    if (index % 1000 === 0) app.run(`app_${number}`, `app-${number}`, `App ${number}`);
    release.run(`rel_${index}`, `app_${number}`, `1.0.${index % 1000}`, String(index).padStart(9, "0"));
  }
  database.run("commit");
  database.close();
}
