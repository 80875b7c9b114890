import { generateKeyPairSync } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROLES_OF_PEOPLE, sha256 } from "@distd/core";
import { openMemoryBlobStore } from "../packages/server/src/blobs/memory/index.ts";
import { openDatabase } from "../packages/server/src/db/index.ts";
import { setPolicy } from "../packages/server/src/service/app-policy.ts";
import { createApp, openApp } from "../packages/server/src/service/apps.ts";
import { promote } from "../packages/server/src/service/channels/promote.ts";
import type { Caller, Instance } from "../packages/server/src/service/instance.ts";
import { introduceRelease } from "../packages/server/src/service/repositories/introduce-release.ts";
import type { Measurement } from "./measurement.ts";
import { processMemory } from "./process-memory.ts";

const SIZES = [100, 50_000];
const PROMOTIONS = 25;
/** Before anything is measured: a server compiles its own code while it runs. */
const WARM_UP = 200;
const BATCH = 500;
const ADMIN: Caller = { principal: { id: "admin", kind: "admin", scopes: ROLES_OF_PEOPLE.admin, apps: "all" } };
const START = Date.parse("2026-01-01T00:00:00Z");

/** The work of one promotion when an app has so many versions of a deb, a wheel and an npm package: all feeds, signed, in one commit. */
export async function measurePromotion(folder: string): Promise<Measurement[]> {
  const took: Record<string, number[]> = {};
  const memory: Record<string, number[]> = {};
  await promoteAmong(join(folder, "promote-first.sqlite"), 20, WARM_UP);
  for (const size of SIZES) {
    const path = join(folder, `promote-${size}.sqlite`);
    const { times, grewMb } = await promoteAmong(path, size, PROMOTIONS);
    took[`${size} versions`] = times;
    memory[`${size} versions`] = [grewMb];
    for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  }
  return [
    {
      id: "promotion",
      title: "A promotion, with all feeds compiled, signed and committed",
      unit: "ms",
      runs: took,
      better: "less",
      bars: [
        { of: "100 versions", limit: 5, median: true },
        { of: "50000 versions", limit: 50, median: true },
      ],
    },
    { id: "promotion-memory", title: `Memory that ${PROMOTIONS} promotions add`, unit: "MB", runs: memory, better: "less", bars: [] },
  ];
}

async function promoteAmong(
  path: string,
  size: number,
  promotions: number,
): Promise<{ readonly times: number[]; readonly grewMb: number }> {
  const db = await openDatabase(path);
  const instance: Instance = {
    db,
    blobs: openMemoryBlobStore(),
    key: generateKeyPairSync("ed25519").privateKey,
    origin: "bench",
    baseUrl: "https://dist.example.com",
    inspect: () => Promise.reject(new Error("nothing is inspected here")),
    mail: undefined,
    verify: () => Promise.reject(new Error("nothing is verified here")),
    lockCollection: () => undefined,
    leaseMs: 3_600_000,
    log: () => {},
    now: Date.now,
    changed: () => {},
  };
  try {
    const app = await createApp(instance, ADMIN, { slug: "lantern", name: "Lantern", access: "members" });
    const ids = await fill(instance, app.id, size + promotions);
    await offer(instance, app.id, ids.slice(0, size));
    // Moving home compiles everything there is, once.
    await setPolicy(instance, ADMIN, "lantern", { access: "public" });
    // As publishing does.
    for (const release of ids.slice(size))
      await db.write(async (tx) => introduceRelease(tx, instance, await openApp(tx, ADMIN.principal, "read", "lantern"), release));
    const before = processMemory(process.pid).nowMb;
    const times: number[] = [];
    for (const release of ids.slice(size)) {
      const started = performance.now();
      await promote(instance, ADMIN, "lantern", "stable", { release, exact: false, once: false });
      times.push(performance.now() - started);
    }
    return { times, grewMb: Math.max(0, processMemory(process.pid).nowMb - before) };
  } finally {
    await db.close();
  }
}

/** Published releases, put in as rows: publishing so many would take longer than everything measured here. */
async function fill({ db }: Instance, app: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let first = 0; first < count; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => first + index);
    ids.push(...batch.map(releaseId));
    await db.write(async (tx) => {
      for (const number of batch) {
        const version = `1.${Math.floor(number / 1000)}.${number % 1000}`;
        const at = new Date(START + number * 60_000).toISOString();
        await tx
          .insertInto("releases")
          .values({
            id: releaseId(number),
            app_id: app,
            version,
            scheme: "semver",
            sort_key: String(number).padStart(9, "0"),
            build: "",
            revision: 1,
            status: "published",
            identity: sha256(new TextEncoder().encode(version)),
            notes: "",
            created_at: at,
            created_by: "admin",
            published_at: at,
            withdrawal_reason: null,
            replacement_id: null,
            merged_into: null,
            shared: 0,
            expires_at: null,
          })
          .execute();
        for (const made of packagesOf(version)) {
          const digest = sha256(new TextEncoder().encode(made.name));
          const id = `art_${made.format}${number}`;
          await tx.insertInto("blobs").values({ sha256: digest, size: 1000, store_key: digest, state: "live", created_at: at }).execute();
          if (made.metadata !== undefined)
            await tx
              .insertInto("derived")
              .values({ sha256: digest, kind: "metadata", generator: 1, body: Buffer.from(made.metadata) })
              .execute();
          for (const [algorithm, length] of [
            ["sha512", 128],
            ["sha1", 40],
          ] as const)
            await tx
              .insertInto("blob_aliases")
              .values({ algorithm, digest: (digest + digest).slice(0, length), sha256: digest })
              .execute();
          await tx
            .insertInto("artifacts")
            .values({
              id,
              app_id: app,
              version,
              build: "",
              platform: made.platform,
              arch: "any",
              format: made.format,
              variant: "",
              role: "install",
              name: made.name,
              sha256: digest,
              size: 1000,
              link: null,
              install: null,
              facts: JSON.stringify(made.facts),
              published: 1,
            })
            .execute();
          await tx
            .insertInto("release_artifacts")
            .values({ release_id: releaseId(number), artifact_id: id })
            .execute();
        }
      }
    });
  }
  return ids;
}

function releaseId(number: number): string {
  return `rel_${String(number).padStart(9, "0")}`;
}

function packagesOf(version: string) {
  const base = {
    platform: "any" as const,
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    factsVersion: 1,
    architectures: ["any"],
  };
  return [
    {
      format: "npm",
      platform: "any" as const,
      name: `lantern-${version}.tgz`,
      metadata: JSON.stringify({
        name: "@acme/lantern",
        version,
        description: "keeps a light on",
        dependencies: { wick: "^1.0.0" },
        bin: "x.js",
      }),
      facts: { ...base, format: "npm", identifier: "@acme/lantern", version, details: {} },
    },
    {
      format: "wheel",
      platform: "any" as const,
      name: `lantern-${version}-py3-none-any.whl`,
      metadata: `Metadata-Version: 2.1\nName: lantern\nVersion: ${version}\n`,
      facts: { ...base, format: "wheel", identifier: "lantern", version, details: { requiresPython: ">=3.9" } },
    },
    {
      format: "deb",
      platform: "linux" as const,
      name: `lantern_${version}_amd64.deb`,
      metadata: `Package: lantern\nVersion: ${version}\nArchitecture: amd64\nMaintainer: A <a@example.com>\nDescription: keeps a light on\n`,
      facts: { ...base, format: "deb", platform: "linux", identifier: "lantern", version, details: { architecture: "amd64" } },
    },
  ];
}

/** A channel that offers all of them, the last one live. */
async function offer({ db }: Instance, app: string, ids: readonly string[]): Promise<void> {
  const [channel, last] = ["chn_stable", ids.at(-1) ?? ""];
  await db.write(async (tx) => {
    await tx
      .insertInto("channels")
      .values({ id: channel, app_id: app, name: "stable", sequence: ids.length, created_at: new Date(START).toISOString() })
      .execute();
    for (const target of ["any/any", "linux/any"])
      await tx.insertInto("channel_heads").values({ channel_id: channel, target, release_id: last }).execute();
    for (const [index, release_id] of ids.entries())
      await tx
        .insertInto("channel_releases")
        .values({ channel_id: channel, release_id, sequence: index + 1, passed: 0 })
        .execute();
  });
}
