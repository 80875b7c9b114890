import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { layoutClient } from "../layouts.ts";

const program = Bun.which("skopeo") ?? undefined;

export const skopeo = layoutClient({
  name: "skopeo",
  program,
  missing: program === undefined ? "there is no skopeo" : undefined,
  onTamperedBytes: /Digest did not match|does not match (?:expected|provided manifest)/,
  onMissingToken: /unauthorized|authentication required|invalid username|does not reach it/i,
  env(home) {
    const containers = home.inside(".config", "containers");
    writeFileSync(join(containers, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
    return { REGISTRY_AUTH_FILE: join(containers, "auth.json") };
  },
  login: (host, token) => ["login", "--tls-verify=false", "--username", "any", "--password", token, host],
  push: (folder, _image, name) => ["copy", "--dest-tls-verify=false", `oci:${folder}`, `docker://${name}`],
  pull: (name, folder) => ["copy", "--src-tls-verify=false", `docker://${name}`, `oci:${folder}`],
});
