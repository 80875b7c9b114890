import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Run = (command: readonly string[], env?: Readonly<Record<string, string>>) => string;

/** Unpacks packages of a Debian suite with all they need, from the mirror that the machine itself uses. Nothing is configured. */
export function unpackDebian(folder: string, suite: string, packages: readonly string[], run: Run): void {
  const home = suites.get(suite) ?? openSuite(suite, run);
  const env = { APT_CONFIG: join(home, "apt.conf") };
  run(["apt-get", "-y", "--download-only", "install", ...packages], env);
  const archives = join(home, "cache/archives");
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) {
    run(["dpkg-deb", "-x", join(archives, name), folder]);
    rmSync(join(archives, name));
  }
}

/** The index of a suite is fetched once. */
const suites = new Map<string, string>();
process.on("exit", () => {
  for (const home of suites.values()) rmSync(home, { recursive: true, force: true });
});

function openSuite(suite: string, run: Run): string {
  const uris = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", "Component: main"]);
  const mirror = uris.split("\n").find((uri) => uri !== "" && !uri.includes("security"));
  if (mirror === undefined) throw new Error("this machine has no Debian mirror: run apt-get update");
  const home = mkdtempSync(join(tmpdir(), "unpack-debian-"));
  suites.set(suite, home);
  for (const name of ["etc/sources.list.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(home, name), { recursive: true });
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  writeFileSync(join(home, "etc/sources.list"), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  writeFileSync(join(home, "status"), "");
  writeFileSync(
    join(home, "apt.conf"),
    [
      `Dir::Etc "${home}/etc";`,
      `Dir::State "${home}/state";`,
      `Dir::State::status "${home}/status";`,
      `Dir::Cache "${home}/cache";`,
      'APT::Sandbox::User "root";',
      'APT::Install-Recommends "false";',
      // A mirror that lags behind will do for tests.
      'Acquire::Check-Valid-Until "false";',
      "",
    ].join("\n"),
  );
  run(["apt-get", "update"], { APT_CONFIG: join(home, "apt.conf") });
  return home;
}
