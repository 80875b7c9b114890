import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDockerRuntime } from "@distd/runtime";
import type { ConformanceBackend } from "@distd/runtime/conformance";
import { makeHome } from "../real-clients/client.ts";
import { missingForContainers, withOwnFolders } from "../real-clients/docker/engine.ts";
import { BARE_IMAGE, IMAGE, importImages, missingBusybox } from "./busybox-images.ts";
import { startRegistries } from "./registries.ts";
import { TOGETHER } from "./together.ts";

/** It asks for more than a machine may give, unless told. */
const SPEC = { network: "none", limits: { openFiles: 1024, processes: 1024 } };
const SETTINGS = ["--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=file"];

export const podman: ConformanceBackend = {
  name: "Podman",
  missing: missingForContainers("podman", "docker") ?? missingBusybox(),
  shortfalls: { "build: cancelling ends what it runs": "it goes on building" },
  async start() {
    const registries = await startRegistries();
    const service = await startService([registries.open, registries.closed, registries.down]);
    return {
      open: () => openDockerRuntime({ host: service.address }),
      image: IMAGE,
      bareImage: BARE_IMAGE,
      spec: SPEC,
      registries,
      async stop() {
        await Promise.all([service.kill(), registries.stop()]);
      },
    };
  },
  async startApart() {
    const service = await startService([]);
    return { open: () => openDockerRuntime({ host: service.address }), image: IMAGE, spec: SPEC, kill: service.kill };
  },
};

/** Podman's socket in a home of its own; registries on this machine without TLS. */
async function startService(registries: readonly string[]): Promise<{ readonly address: string; kill(): Promise<void> }> {
  const home = makeHome();
  const settings = home.inside(".config", "containers");
  writeFileSync(join(settings, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
  writeFileSync(
    join(settings, "registries.conf"),
    registries.map((host) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`).join(""),
  );
  const socket = join(home.folder, "podman.sock");
  const command = ["podman", ...SETTINGS, "system", "service", "--time=0", `unix://${socket}`];
  const child = Bun.spawn([...withOwnFolders(home, ["/run", "/var/lib"], [...TOGETHER, ...command])], {
    cwd: home.folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: home.folder, TMPDIR: home.inside("tmp") },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const service = {
    address: `unix://${socket}`,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      home.remove();
    },
  };
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`podman did not start: ${await new Response(child.stderr).text()}`);
    await Bun.sleep(50);
  }
  await importImages(service.address);
  return service;
}
