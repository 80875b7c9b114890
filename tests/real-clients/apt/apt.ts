import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FEEDS } from "@distd/feeds";
import { ClientFailure, FETCH_CLIENTS, type Home, type Place, type RealClient, type Settled } from "../client.ts";
import { programOf } from "../clients/pins.ts";
import { DEBIAN_ARCHITECTURE, makeDeb } from "../packages.ts";

const isRoot = process.getuid?.() === 0;
const machine = Bun.which("apt-get");

/** The apt of the machine, with dpkg, in a root folder of their own. */
export const machineApt: RealClient = {
  ...traitsOfApt(),
  name: "apt of this machine",
  missing: machine !== null && Bun.which("dpkg") !== null ? undefined : "this machine has no apt-get",
  settle: (home, place) => settle(home, place, (args, env) => home.run([machine ?? "apt-get", ...args], { env })),
};

const apt3 = programOf("apt-3");
const apt3Root = apt3?.slice(0, -"/usr/bin/apt-get".length) ?? "";

/** In mounts of its own, which end with it. */
const CHANGE_ROOT = `
  root=$0; homes=$1; shift
  mkdir -p "$root/dev" "$root/proc" "$root$homes"
  mount --rbind /dev "$root/dev"
  mount --bind /proc "$root/proc"
  mount --bind "$homes" "$root$homes"
  exec chroot "$root" /usr/bin/apt-get "$@"`;

/** Debian 13's apt and dpkg: the root is changed to theirs, in which the folder of homes is mounted at its own path. */
export const apt3Client: RealClient = {
  ...traitsOfApt(),
  name: "apt 3 of trixie",
  missing: apt3 === undefined ? FETCH_CLIENTS : isRoot ? undefined : "changing the root folder needs root",
  settle: (home, place) =>
    settle(home, place, (args, env) =>
      home.run(["unshare", "--mount", "sh", "-ec", CHANGE_ROOT, apt3Root, dirname(home.folder), ...args], {
        env: { ...env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      }),
    ),
};

function traitsOfApt(): Omit<RealClient, "name" | "missing" | "settle"> {
  return {
    feed: "apt",
    onTamperedBytes: /Hash Sum mismatch|unexpected size|BADSIG|Bad signature|bad signature|verification|not signed/i,
    onMissingToken: /401 {2}Unauthorized|404 {2}Not Found/,
    checkedIndexes: [/\/InRelease$/, /\/(?:Packages(?:\.gz)?|by-hash\/SHA256\/[0-9a-f]+)$/],
    makePackage: (version) => makeDeb({ version }),
  };
}

type Run = (args: readonly string[], env: Readonly<Record<string, string>>) => ReturnType<Home["run"]>;

async function settle(home: Home, { url, repository, channel, token }: Place, start: Run): Promise<Settled> {
  const address = `${url}/apt/${repository}`;
  const root = home.inside("root");
  const status = () => writeFileSync(join(home.inside("root/var/lib/dpkg"), "status"), "");
  for (const name of ["info", "updates", "triggers"]) home.inside("root/var/lib/dpkg", name);
  for (const name of ["etc/sources.list.d", "etc/auth.conf.d", "etc/apt.conf.d", "etc/preferences.d", "etc/trusted.gpg.d"])
    home.inside(name);
  for (const name of ["state/lists/partial", "cache/archives/partial", "log"]) home.inside(name);
  status();
  writeFileSync(join(home.folder, "apt.conf"), configuration(home.folder));
  if (token !== undefined) writeFileSync(join(home.folder, "etc/auth.conf.d/distd.conf"), login(address, repository, channel, token));
  writeFileSync(join(home.folder, "etc/sources.list.d/distd.sources"), await fetchSource(`${address}/${channel}.sources`, token));

  const run: Settled["run"] = (...args) => start(args, { APT_CONFIG: join(home.folder, "apt.conf"), DEBIAN_FRONTEND: "noninteractive" });
  const file = (name: string): string => join(root, "usr/bin", name);
  return {
    run,
    async install(name, version) {
      await run("update");
      await run("install", "-y", version === undefined ? name : `${name}=${version}`);
    },
    async update(_name) {
      await run("update");
      await run("upgrade", "-y");
    },
    async remove(name) {
      rmSync(file(name), { force: true });
      rmSync(join(root, "var/lib/dpkg/info"), { recursive: true });
      home.inside("root/var/lib/dpkg/info");
      rmSync(join(home.folder, "cache/archives"), { recursive: true });
      home.inside("cache/archives/partial");
      status();
    },
    programFile: file,
    async startProgram(name) {
      if (!existsSync(file(name))) throw new ClientFailure(`${name} is not installed`);
      return (await home.run([file(name)])).stdout.trim();
    },
  };
}

/** Everything below the home; every failed download is a failure. */
function configuration(home: string): string {
  const dpkg = ["--root=" + join(home, "root"), "--log=" + join(home, "dpkg.log"), "--force-not-root", "--force-bad-path"];
  return [
    `Dir::Etc "${home}/etc";`,
    `Dir::State "${home}/state";`,
    `Dir::State::status "${home}/root/var/lib/dpkg/status";`,
    `Dir::Cache "${home}/cache";`,
    `Dir::Log "${home}/log";`,
    `APT::Architecture "${DEBIAN_ARCHITECTURE}";`,
    `APT::Architectures { "${DEBIAN_ARCHITECTURE}"; };`,
    'APT::Sandbox::User "root";',
    'APT::Update::Error-Mode "any";',
    'APT::Keep-Downloaded-Packages "true";',
    'Acquire::http::Proxy "DIRECT";',
    'Acquire::Retries "0";',
    'Debug::NoLocking "1";',
    'Dpkg::Use-Pty "0";',
    ...dpkg.map((option) => `DPkg::Options:: "${option}";`),
    "",
  ].join("\n");
}

/** The line that the page tells people to write. */
function login(address: string, repository: string, channel: string, token: string): string {
  const [line = ""] = FEEDS.find(({ id }) => id === "apt")?.lines({ address, repository, channel, isOpen: false }) ?? [];
  const text = /^echo '([^']*)'"\$DIST_TOKEN"/.exec(line)?.[1];
  if (text === undefined) throw new Error(`the line for a token is another: ${line}`);
  return `${text}${token}\n`;
}

async function fetchSource(address: string, token: string | undefined): Promise<string> {
  const answer = await fetch(address, { ...(token && { headers: { authorization: `Basic ${btoa(`token:${token}`)}` } }) });
  if (!answer.ok) throw new ClientFailure(`${address}: ${answer.status}  ${answer.status === 401 ? "Unauthorized" : "Not Found"}`);
  return answer.text();
}
