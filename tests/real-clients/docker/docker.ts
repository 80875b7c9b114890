import { inHome } from "../client.ts";
import type { ImageClient } from "../image-client.ts";
import { missingForContainers, settleEngine } from "./engine.ts";

/** Homes share a daemon, in which each leaves nothing. It takes a registry on this machine without TLS. */
export function dockerClient(daemon: () => { readonly address: string }): ImageClient {
  return {
    name: "docker",
    missing: missingForContainers("dockerd", "docker"),
    onTamperedBytes: /verification failed for digest/,
    onMissingToken: /unauthorized|does not reach it/i,
    settle: (place, body) =>
      inHome(async (home) => {
        // Debian's has no other builder.
        const env = { DOCKER_HOST: daemon().address, DOCKER_BUILDKIT: "0" };
        const images = await settleEngine(home, place, { command: ["docker"], env });
        try {
          return await body(images);
        } finally {
          await images.forget();
        }
      }),
  };
}
