import { connect, type Socket } from "node:net";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_TOKEN, api, BINARY, distEnv, type DistdProcess, startDistd } from "./distd-process.ts";
import { alternate, type Measurement, seconds } from "./measurement.ts";
import { startNginx } from "./peers/nginx.ts";
import { requestsPerSecond } from "./requests-per-second.ts";
import { processMemory } from "./process-memory.ts";

const SLOW_CLIENTS = 500;
const IDLE_CONNECTIONS = 10_000;

interface Place {
  readonly distd: DistdProcess;
  readonly nginx: string;
  readonly fileUrl: string;
  readonly folder: string;
}

/** What readers cost: a large file, the document updaters poll, slow readers, idle connections. */
export async function measureDelivery(folder: string, rounds: number): Promise<Measurement[]> {
  const distd = await startDistd(join(folder, "delivery"));
  const file = join(folder, "one.bin");
  await seconds(["dd", "if=/dev/urandom", `of=${file}`, "bs=1M", "count=1024"]);
  const nginx = await startNginx(folder, 15_001);
  try {
    for (const [app, access] of [
      ["open", "public"],
      ["closed", "members"],
    ] as const) {
      const manifest = join(folder, `${app}.json`);
      writeFileSync(manifest, JSON.stringify({ app, access, version: "1.0.0", channel: "beta", artifacts: [{ path: file }] }));
      await seconds([BINARY.dist, "ci", "publish", "--manifest", manifest, "--json"], { env: distEnv(distd.url) });
    }
    const release = await api<{ artifacts: { url: string }[] }>(distd.url, "/api/v1/apps/open/releases/1.0.0");
    const place: Place = { distd, nginx: nginx.url, folder, fileUrl: release.artifacts[0]?.url ?? "" };
    return [await downloads(place, rounds), ...(await documents(place, rounds)), await slowReaders(place), await idleConnections(place)];
  } finally {
    await nginx.stop();
    await distd.stop();
    for (const name of ["delivery", "one.bin"]) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function downloads({ nginx, fileUrl }: Place, rounds: number): Promise<Measurement> {
  const rate = async (url: string): Promise<number> => 1.073741824 / (await seconds(["curl", "-sf", "-o", "/dev/null", url]));
  const runs = await alternate(rounds * 3, { distd: () => rate(fileUrl), nginx: () => rate(`${nginx}/one.bin`) });
  return { id: "download", title: "Download 1 GiB", unit: "GB/s", runs, better: "more", bars: [{ against: "nginx", leastRatio: 1 }] };
}

async function documents({ distd, nginx, folder }: Place, rounds: number): Promise<Measurement[]> {
  const open = `${distd.url}/a/open/beta.json`;
  writeFileSync(join(folder, "document.json"), await (await fetch(open)).text());
  const etags = await Promise.all([open, `${nginx}/document.json`].map(async (url) => (await fetch(url)).headers.get("etag") ?? ""));
  const { secret } = await api<{ secret: string }>(distd.url, "/api/v1/tokens", {
    scopes: ["read"],
    apps: ["closed"],
    expiresInSeconds: 3600,
  });
  const poll =
    (url: string, ...headers: readonly string[]) =>
    () =>
      requestsPerSecond(url, ...headers);
  const whole = await alternate(rounds, {
    distd: poll(open),
    "distd, token": poll(`${distd.url}/a/closed/beta.json`, `Authorization: Bearer ${secret}`),
    nginx: poll(`${nginx}/document.json`),
  });
  const unchanged = await alternate(rounds, {
    distd: poll(open, `If-None-Match: ${etags[0]}`),
    nginx: poll(`${nginx}/document.json`, `If-None-Match: ${etags[1]}`),
  });
  return [
    {
      id: "document",
      title: "Channel document, with ETag and access check, 64 connections",
      unit: "requests/s",
      runs: whole,
      better: "more",
      bars: [{ against: "nginx", leastRatio: 1 }],
    },
    {
      id: "document-304",
      title: "Channel document unchanged (304)",
      unit: "requests/s",
      runs: unchanged,
      better: "more",
      bars: [{ against: "nginx", leastRatio: 1 }],
    },
  ];
}

/** 500 clients that take 64 KiB a second each of a file of 1 GiB, for five seconds. */
async function slowReaders({ distd, fileUrl }: Place): Promise<Measurement> {
  const path = new URL(fileUrl).pathname;
  const sockets = await openSockets(distd, SLOW_CLIENTS, (socket) => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\n\r\n`);
    socket.on("data", () => {
      socket.pause();
      setTimeout(() => socket.resume(), 1000);
    });
  });
  let most = 0;
  for (let second = 0; second < 50; second++) {
    await Bun.sleep(100);
    most = Math.max(most, processMemory(distd.pid).nowMb);
  }
  for (const socket of sockets) socket.destroy();
  return {
    id: "slow-readers-memory",
    title: `Most memory with ${SLOW_CLIENTS} slow downloads of 1 GiB`,
    unit: "MB",
    runs: { distd: [most] },
    better: "less",
    bars: [{ of: "distd", limit: 160 }],
  };
}

async function idleConnections({ distd }: Place): Promise<Measurement> {
  let answered = 0;
  const sockets = await openSockets(distd, IDLE_CONNECTIONS, (socket) => {
    socket.on("data", () => void (answered += 1));
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  });
  for (let wait = 0; answered < IDLE_CONNECTIONS && wait < 100; wait++) await Bun.sleep(100);
  if (answered < IDLE_CONNECTIONS) throw new Error(`only ${answered} of ${IDLE_CONNECTIONS} connections were answered`);
  await Bun.sleep(1000);
  const { nowMb } = processMemory(distd.pid);
  for (const socket of sockets) socket.destroy();
  return {
    id: "idle-connections-memory",
    title: `Memory with ${IDLE_CONNECTIONS} idle connections`,
    unit: "MB",
    runs: { distd: [nowMb] },
    better: "less",
    bars: [{ of: "distd", limit: 300 }],
  };
}

async function openSockets({ url }: DistdProcess, count: number, use: (socket: Socket) => void): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(500, count - sockets.length) }, () => connect(Number(port), hostname));
    await Promise.all(batch.map((socket) => new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject))));
    for (const socket of batch) {
      socket.on("error", () => {});
      use(socket);
    }
    sockets.push(...batch);
  }
  return sockets;
}
