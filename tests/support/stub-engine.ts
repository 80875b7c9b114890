import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ENGINE_VERSION = { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux" };

/** A socket where something answers as a Docker Engine would. What `answer` leaves undefined is refused with 404. */
export async function withStubEngine<T>(
  answer: (method: string, path: string) => Response | undefined,
  body: (host: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "distd-engine-"));
  const unix = join(folder, "docker.sock");
  const server = Bun.serve({
    unix,
    fetch(request) {
      const path = new URL(request.url).pathname;
      const given = answer(request.method, path.replace(/^\/v1\.\d+/, ""));
      if (given !== undefined) return given;
      return path === "/version" ? Response.json(ENGINE_VERSION) : Response.json({ message: "page not found" }, { status: 404 });
    },
  });
  try {
    return await body(`unix://${unix}`);
  } finally {
    await server.stop(true);
    rmSync(folder, { recursive: true });
  }
}
