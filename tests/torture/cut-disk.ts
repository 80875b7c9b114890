import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";

/**
 * An ext4 disk whose power can be cut. The picture of the stack, from the kernel down:
 *
 *     ext4 on /dev/loopN          what the server writes to
 *     nbdfuse: a file             makes a network block device a file that a loop device can use
 *     nbdkit --filter=cache       a disk's volatile cache: keeps writes to itself until it is told to flush
 *     IMAGE                       the platter
 *
 * `kill -9 nbdkit` is the power cut: every write since the last flush is gone, for good and at once.
 */
export interface CutDisk {
  /** Where the file system is while it is mounted. */
  readonly path: string;
  /** A disk that lies answers flushes at once and keeps nothing; it shows what a lost write looks like. */
  mount(options?: { readonly lies: boolean }): Promise<void>;
  /** Ends with the power gone, the mount still in place and useless. */
  cut(): Promise<void>;
  /** Takes the dead mount away. Whoever has files open there has to be gone. */
  clear(): Promise<void>;
  remove(): void;
}

const IMAGE_BYTES = 1024 ** 3;
const WAIT_MS = 10_000;

/** What is missing on this machine to build one; undefined when nothing is. */
export function missingForCuts(): string | undefined {
  if (process.platform !== "linux") return "power cuts need Linux";
  if (process.getuid?.() !== 0) return "power cuts need root, for loop devices and mounts";
  const tools = ["nbdkit", "nbdfuse", "losetup", "mkfs.ext4", "fusermount", "mount", "umount"];
  const missing = tools.filter((tool) => Bun.which(tool, { PATH: searchPath }) === null);
  if (missing.length > 0) return `not installed: ${missing.join(", ")} (packages nbdkit, libnbd-bin, fuse3, e2fsprogs)`;
  if (!existsSync("/dev/fuse")) return "there is no /dev/fuse";
  return existsSync("/dev/loop-control") ? undefined : "there is no /dev/loop-control";
}

/** Administrators' tools are not on everybody's path. */
const searchPath = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
const environment = { PATH: searchPath };

/** Disks whose mounts are in place. */
const mounted = new Set<CutDisk>();

/** For a run that is interrupted: leaves no mount behind. Their processes have to be dead. */
export function clearAllDisks(): void {
  for (const { path } of mounted) {
    const device = join(path, "../device");
    const loops = Bun.spawnSync(["losetup", "-j", device], { env: environment }).stdout.toString();
    Bun.spawnSync(["umount", "-l", path], { env: environment });
    for (const [, loop = ""] of loops.matchAll(/^(\/dev\/loop\d+):/gm)) Bun.spawnSync(["losetup", "-d", loop], { env: environment });
    Bun.spawnSync(["fusermount", "-u", "-z", device], { env: environment });
  }
}

export async function createCutDisk(folder: string): Promise<CutDisk> {
  mkdirSync(join(folder, "mnt"), { recursive: true });
  const [image, socket, device, path, log] = ["disk.img", "nbd.sock", "device", "mnt", "disk.log"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  writeFileSync(image, "");
  truncateSync(image, IMAGE_BYTES);
  // Everything laid out now, so that no background work of the file system writes later.
  await must(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", image]);
  let nbdkit: Child | undefined;
  let nbdfuse: Child | undefined;
  let loop: string | undefined;

  const disk: CutDisk = {
    path,
    async mount({ lies } = { lies: false }) {
      mounted.add(disk);
      rmSync(socket, { force: true });
      writeFileSync(device, "");
      nbdkit = startChild(["nbdkit", "-f", "--filter=cache", "-U", socket, "file", image, `cache=${lies ? "unsafe" : "writeback"}`], {
        errors: log,
        env: environment,
      });
      await until(() => existsSync(socket), "nbdkit does not listen");
      // In the folder of the rig: nbdfuse ends with an assertion when its disk goes, and may leave a core file.
      nbdfuse = startChild(["nbdfuse", device, `nbd+unix:///?socket=${socket}`], { errors: log, env: environment, cwd: folder });
      await until(() => isMounted(device), "nbdfuse does not mount");
      loop = (await must(["losetup", "-f", "--show", device])).trim();
      await must(["mount", "-t", "ext4", loop, path]);
    },
    async cut() {
      await nbdkit?.kill();
      nbdkit = undefined;
    },
    async clear() {
      if (isMounted(path)) await must(["umount", "-l", path]);
      if (loop !== undefined) await must(["losetup", "-d", loop]);
      loop = undefined;
      if (isMounted(device)) await must(["fusermount", "-u", "-z", device]);
      await nbdfuse?.ended;
      await nbdkit?.kill();
      nbdfuse = undefined;
      mounted.delete(disk);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return disk;
}

async function must(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: environment });
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

function isMounted(path: string): boolean {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .some((line) => line.split(" ")[1] === path);
}

async function until(condition: () => boolean, complaint: string): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(complaint);
    await Bun.sleep(5);
  }
}
