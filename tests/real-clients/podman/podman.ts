import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inHome } from "../client.ts";
import { missingForContainers, settleEngine, withOwnFolders } from "../docker/engine.ts";
import type { ImageClient } from "../image-client.ts";

/** It asks for more than a machine may give, unless told. */
const LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

export const podman: ImageClient = {
  name: "podman",
  missing: missingForContainers("podman"),
  onTamperedBytes: /Digest did not match|does not match (?:expected|provided manifest)/,
  onMissingToken: /unauthorized|authentication required|invalid username|does not reach it/i,
  settle: (place, body) =>
    inHome(async (home) => {
      writeFileSync(join(home.inside(".config", "containers"), "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
      const settings = ["--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=none"];
      // Images and containers are below these.
      const command = withOwnFolders(home, ["/run", "/var/lib"], ["podman", ...settings]);
      return body(await settleEngine(home, place, { command, remote: ["--tls-verify=false"], limits: LIMITS }));
    }),
};
