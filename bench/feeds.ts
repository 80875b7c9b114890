import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isolatedApt } from "../tests/real-clients/apt/isolated-apt.ts";
import { startNginx } from "../tests/real-clients/export/nginx.ts";
import { makeImage } from "../tests/real-clients/images.ts";
import { makeDeb, makeNpm, makeWheel, NAME } from "../tests/real-clients/packages.ts";
import { ADMIN_TOKEN, api, BINARY, distEnv, type DistdProcess, startDistd } from "./distd-process.ts";
import { alternate, type Measurement, seconds } from "./measurement.ts";
import { startRegistry } from "./peers/registry.ts";

const CONNECTIONS = 64;
const VERSIONS = 50;
/** Packages that one `npm install` brings. */
const DEPENDENCIES = 40;
const COPIED_MIB = 64;
const PUSHED_MIB = 1024;

const INSTALL = "Accept: application/vnd.npm.install-v1+json";
const SIMPLE = "Accept: application/vnd.pypi.simple.v1+json";
const ANSWERS: readonly (readonly [id: string, title: string, path: string, header?: string])[] = [
  ["feed-apt", "InRelease of apt", "/apt/main/dists/stable/InRelease"],
  ["feed-apt-index", "Packages.gz of apt", "/apt/main/dists/stable/main/binary-amd64/Packages.gz"],
  ["feed-npm", "Packument, abbreviated", `/npm/main/${NAME}`, INSTALL],
  ["feed-pypi", "Simple index as JSON", `/pypi/main/stable/simple/${NAME}/`, SIMPLE],
  ["feed-oci", "Manifest by channel", `/v2/${NAME}/manifests/stable`],
  ["feed-github", "Releases of an app", `/github/main/repos/main/${NAME}/releases/latest`],
];

/** What feeds answer, against nginx with the same files from `dist feed export`; and what their clients and pushes take, against their peers. */
export async function measureFeeds(folder: string, rounds: number): Promise<Measurement[]> {
  const distd = await startDistd(join(folder, "feeds"));
  const mirror = join(folder, "mirror");
  try {
    await publishAll(folder, distd);
    await seconds([BINARY.dist, "feed", "export", mirror], { env: distEnv(distd.url) });
    mkdirSync(join(folder, "nginx"));
    const nginx = await startNginx(join(folder, "nginx"), mirror);
    try {
      return [
        ...(await answers(distd.url, nginx.url, rounds)),
        await aptUpdate(folder, distd.url, nginx.url, rounds),
        await npmInstall(folder, distd.url, nginx.url, rounds),
        ...(await images(folder, distd.url, rounds)),
      ];
    } finally {
      await nginx.stop();
    }
  } finally {
    await distd.stop();
    for (const name of ["feeds", "mirror", "nginx", "store"]) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Fifty versions of an app in all ecosystems, and a tree of npm packages. */
async function publishAll(folder: string, { url }: DistdProcess): Promise<void> {
  for (let minor = 0; minor < VERSIONS; minor += 1) {
    const version = `1.${minor}.0`;
    const packages = [makeDeb({ version }), makeWheel({ version }), makeNpm({ version })];
    const files = Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes] as const));
    const isLast = minor === VERSIONS - 1;
    await publish(folder, url, NAME, version, { ...files, ...(isLast && { [`${NAME}.oci`]: makeImage(version).archive }) });
  }
  const names = Array.from({ length: DEPENDENCIES }, (_, index) => `${NAME}-part-${index}`);
  const parts = names.map((name) => makeNpm({ name, version: "1.0.0" }));
  const dependencies = Object.fromEntries(names.map((name) => [name, "^1.0.0"]));
  const whole = makeNpm({ name: `${NAME}-whole`, version: "1.0.0", fields: { dependencies } });
  await publish(folder, url, "parts", "1.0.0", Object.fromEntries([...parts, whole].map(({ file, bytes }) => [file, bytes])));
}

async function publish(
  folder: string,
  url: string,
  app: string,
  version: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const place = join(folder, "packages");
  mkdirSync(place);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(place, name), bytes);
  const artifacts = Object.keys(files).map((path, index) => ({ path, ...(app === "parts" && { variant: `part-${index}` }) }));
  writeFileSync(join(place, "dist.json"), JSON.stringify({ app, access: "public", version, channel: "stable", artifacts }));
  await seconds([BINARY.dist, "ci", "publish", "--json"], { env: distEnv(url), cwd: place });
  rmSync(place, { recursive: true });
}

async function answers(distd: string, nginx: string, rounds: number): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const [id, title, path, header] of ANSWERS) {
    const runs = await alternate(rounds, { distd: () => requests(distd + path, header), nginx: () => requests(nginx + path, header) });
    measured.push({
      id,
      title: `${title}, ${CONNECTIONS} connections`,
      unit: "requests/s",
      runs,
      better: "more",
      bars: [{ against: "nginx", leastRatio: 1 }],
    });
  }
  return measured;
}

async function requests(url: string, header?: string): Promise<number> {
  const child = Bun.spawn(["wrk", "-t1", `-c${CONNECTIONS}`, "-d2s", ...(header === undefined ? [] : ["-H", header]), url], {
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  if (/Non-2xx or 3xx responses/.test(text)) throw new Error(`${url}: ${text}`);
  return Number(/Requests\/sec:\s+([0-9.]+)/.exec(text)?.[1] ?? Number.NaN);
}

/** With nothing kept from before. */
async function aptUpdate(folder: string, distd: string, nginx: string, rounds: number): Promise<Measurement> {
  const sources = await (await fetch(`${distd}/apt/main/stable.sources`)).text();
  const update = async (url: string): Promise<number> => {
    const root = join(folder, "apt");
    const took = await seconds([...isolatedApt(root, sources.replace(distd, url)), "update"]);
    rmSync(root, { recursive: true });
    return took;
  };
  const runs = await alternate(rounds * 3, { distd: () => update(distd), nginx: () => update(nginx) });
  return { id: "apt-update", title: "`apt-get update`", unit: "s", runs, better: "less", bars: [{ against: "nginx", leastRatio: 1 }] };
}

/** Forty packages into an empty project, with an empty cache. */
async function npmInstall(folder: string, distd: string, nginx: string, rounds: number): Promise<Measurement> {
  const install = async (url: string): Promise<number> => {
    const project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), '{"name":"project","version":"1.0.0"}');
    const flags = ["--registry", `${url}/npm/main/`, "--replace-registry-host", "always", "--cache", join(project, "cache")];
    const quiet = ["--no-audit", "--no-fund", "--no-update-notifier"];
    const took = await seconds(["npm", "install", ...flags, ...quiet, `${NAME}-whole`], { cwd: project });
    rmSync(project, { recursive: true });
    return took;
  };
  const runs = await alternate(rounds, { distd: () => install(distd), nginx: () => install(nginx) });
  return {
    id: "npm-install",
    title: `\`npm install\` of ${DEPENDENCIES + 1} packages`,
    unit: "s",
    runs,
    better: "less",
    bars: [{ against: "nginx", leastRatio: 1 }],
  };
}

async function images(folder: string, distd: string, rounds: number): Promise<Measurement[]> {
  const registry = await startRegistry(folder, 15_003);
  const [ours, theirs] = [new URL(distd).host, new URL(registry.url).host];
  await api(distd, "/api/v1/apps", { slug: "images", name: "Images", access: "public" });
  const skopeo = (from: string, to: string): Promise<number> =>
    seconds(["skopeo", "copy", "--quiet", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", from, to]);
  try {
    let round = 0;
    const layout = join(folder, "layout");
    const push = (host: string, credentials: readonly string[] = []): Promise<number> =>
      seconds([
        "skopeo",
        "copy",
        "--quiet",
        "--preserve-digests",
        "--dest-tls-verify=false",
        ...credentials,
        `oci:${layout}:image`,
        `docker://${host}/images:1.${round}.0`,
      ]);
    const login = ["--dest-creds", `token:${ADMIN_TOKEN}`];
    const pushes = await alternate(rounds, {
      distd: async () => {
        round += 1;
        await makeLayout(layout, PUSHED_MIB, `1.${round}.0`);
        return push(ours, login);
      },
      "docker-registry": () => push(theirs),
    });
    round += 1;
    await makeLayout(layout, COPIED_MIB, `1.${round}.0`);
    for (const [host, credentials] of [[ours, login] as const, [theirs, []] as const]) await push(host, credentials);
    await api(distd, "/api/v1/apps/images/channels/stable/promote", { release: `1.${round}.0` });
    const copied = join(folder, "copied");
    const copy = async (host: string): Promise<number> => {
      const took = await skopeo(`docker://${host}/images:1.${round}.0`, `dir:${copied}`);
      rmSync(copied, { recursive: true });
      return took;
    };
    const copies = await alternate(rounds * 3, { distd: () => copy(ours), "docker-registry": () => copy(theirs) });
    const bars = [{ against: "docker-registry", leastRatio: 1 }] as const;
    return [
      { id: "image-push", title: "`skopeo copy` of an image of 1 GiB to the registry", unit: "s", runs: pushes, better: "less", bars },
      {
        id: "image-pull",
        title: `\`skopeo copy\` of an image of ${COPIED_MIB} MiB from it`,
        unit: "s",
        runs: copies,
        better: "less",
        bars,
      },
    ];
  } finally {
    await registry.stop();
    rmSync(join(folder, "layout"), { recursive: true, force: true });
  }
}

/** An image of one layer that nothing can compress, new bytes each time. */
async function makeLayout(folder: string, mebibytes: number, version: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const layer = join(folder, "layer");
  await seconds(["dd", "if=/dev/urandom", `of=${layer}`, "bs=1M", `count=${mebibytes}`]);
  const hash = createHash("sha256");
  for await (const chunk of Bun.file(layer).stream()) hash.update(chunk);
  const digest = hash.digest("hex");
  await seconds(["mv", layer, join(blobs, digest)]);
  const write = (content: string): { digest: string; size: number } => {
    const name = createHash("sha256").update(content).digest("hex");
    writeFileSync(join(blobs, name), content);
    return { digest: `sha256:${name}`, size: Buffer.byteLength(content) };
  };
  const config = write(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { "org.opencontainers.image.version": version } },
      rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    }),
  );
  const manifest = write(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: `sha256:${digest}`, size: mebibytes * 1024 * 1024 }],
    }),
  );
  const descriptor = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    ...manifest,
    annotations: { "org.opencontainers.image.ref.name": "image" },
  };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  await seconds(["sync"]);
}
