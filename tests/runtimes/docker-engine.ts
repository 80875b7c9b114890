import { openDockerRuntime } from "@distd/runtime";
import type { ConformanceBackend } from "@distd/runtime/conformance";
import { startDaemon } from "../real-clients/docker/daemon.ts";
import { missingForContainers } from "../real-clients/docker/engine.ts";
import { BARE_IMAGE, IMAGE, importImages, missingBusybox } from "./busybox-images.ts";
import { startRegistries } from "./registries.ts";
import { TOGETHER } from "./together.ts";

const WITH_OWN_NETWORK = ["--net", "sh", "-ec", 'busybox ip link set lo up; exec "$@"', "sh"];
/** A daemon on the machine's network makes none. */
const SPEC = { network: "none" };

export const dockerEngine: ConformanceBackend = {
  name: "Docker Engine",
  missing: missingForContainers("dockerd", "docker") ?? missingBusybox(),
  shortfalls: { "logs: bytes that are no UTF-8 come as they were written": "its usual log driver keeps text" },
  async start() {
    const [daemon, registries] = await Promise.all([startDaemon(), startRegistries()]);
    await importImages(daemon.address);
    return {
      open: () => openDockerRuntime({ host: daemon.address }),
      image: IMAGE,
      bareImage: BARE_IMAGE,
      spec: SPEC,
      registries,
      async stop() {
        await Promise.all([daemon.stop(), registries.stop()]);
      },
    };
  },
  async startApart() {
    const daemon = await startDaemon([...TOGETHER, ...WITH_OWN_NETWORK]);
    await importImages(daemon.address);
    return { open: () => openDockerRuntime({ host: daemon.address }), image: IMAGE, spec: SPEC, kill: daemon.kill };
  },
};
