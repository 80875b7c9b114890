import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Run = (command: readonly string[], env?: Readonly<Record<string, string>>) => string;

/** Unpacks packages of a Debian suite with all they need, from the mirror that the machine itself uses. Nothing is configured. */
export function unpackDebian(folder: string, suite: string, packages: readonly string[], run: Run): void {
  const uris = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", "Component: main"]);
  const mirror = uris.split("\n").find((uri) => uri !== "" && !uri.includes("security"));
  if (mirror === undefined) throw new Error("this machine has no Debian mirror: run apt-get update");
  const home = mkdtempSync(join(tmpdir(), "unpack-debian-"));
  try {
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
        "",
      ].join("\n"),
    );
    const env = { APT_CONFIG: join(home, "apt.conf") };
    run(["apt-get", "update"], env);
    run(["apt-get", "-y", "--download-only", "install", ...packages], env);
    const archives = join(home, "cache/archives");
    for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) run(["dpkg-deb", "-x", join(archives, name), folder]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
