import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["etc/sources.list.d", "etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial", "log"];

/** The command of an apt that knows one source and keeps everything below a folder. It installs nothing: that needs dpkg's folders too. */
export function isolatedApt(root: string, sources: string): readonly string[] {
  for (const name of FOLDERS) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "status"), "");
  writeFileSync(join(root, "etc/sources.list.d/main.sources"), sources);
  const options = {
    Dir: root,
    "Dir::State": join(root, "state"),
    "Dir::State::status": join(root, "status"),
    "Dir::Etc": join(root, "etc"),
    "Dir::Cache": join(root, "cache"),
    "Dir::Bin::Methods": "/usr/lib/apt/methods",
    "APT::Architecture": "amd64",
    "APT::Architectures": "amd64",
    "APT::Sandbox::User": "",
    "APT::Update::Error-Mode": "any",
    "Acquire::http::Proxy": "DIRECT",
  };
  return ["apt-get", "-q", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}
