import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TarItem, writeTar } from "../../fixtures/formats/make/tar-writer.ts";
import { inHome } from "../real-clients/client.ts";

export const IMAGE = "localhost/distd-conformance/busybox:1";
export const BARE_IMAGE = "localhost/distd-conformance/bare:1";

const BUSYBOX = "/bin/busybox";
const TOOLS = "cat echo find grep head id ls ping printf ps pwd readlink sh sleep sort stat stty test touch tr true wc yes".split(" ");

/** Puts both images of the cases into the daemon: Debian's busybox-static, with a shell and tools or as two programs. */
export async function importImages(address: string): Promise<void> {
  const data = readFileSync(BUSYBOX);
  const folder = (path: string, mode = 0o755): TarItem => ({ path, type: "5", mode });
  const tools = TOOLS.map((name): TarItem => ({ path: `bin/${name}`, type: "2", link: "busybox" }));
  const folders = [folder("bin/"), folder("etc/"), folder("proc/"), folder("tmp/", 0o1777)];
  await inHome(async (home) => {
    const load = async (name: string, items: readonly TarItem[]): Promise<void> => {
      const file = join(home.folder, "root.tar");
      writeFileSync(file, writeTar(items));
      await home.run(["docker", "--host", address, "import", file, name]);
    };
    await load(IMAGE, [...folders, { path: "bin/busybox", data, mode: 0o755 }, ...tools]);
    await load(BARE_IMAGE, [folder("proc/"), ...["sleep", "cat"].map((path): TarItem => ({ path, data, mode: 0o755 }))]);
  });
}

/** Why the images cannot be made; undefined when they can. */
export function missingBusybox(): string | undefined {
  const program = ["docker", "docker-registry"].find((name) => Bun.which(name) === null);
  if (program !== undefined) return `there is no ${program}`;
  const isStatic =
    Bun.spawnSync(["sh", "-c", `test -x ${BUSYBOX} && ! ldd ${BUSYBOX}`], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
  return isStatic ? undefined : `there is no static ${BUSYBOX} (apt-get install busybox-static)`;
}
