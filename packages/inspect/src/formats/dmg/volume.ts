import type { ByteSource } from "@distd/core";
import type { AppFiles } from "../../app-bundle/app-files.ts";
import { broken } from "../../broken.ts";
import { isHfs, openHfs } from "../../hfs/open-hfs.ts";
import type { UdifPartition } from "../../udif/read-udif.ts";

const APFS = "NXSB";
const APFS_OFFSET = 32;

export interface Volume {
  readonly fileSystem: "apfs" | "hfs+";
  readonly name?: string;
  /** Absent for file systems that are only named. */
  readonly files?: AppFiles;
}

/** The first partition with a file system a Mac opens; undefined when there is none that can be read. */
export async function findVolume(partitions: readonly UdifPartition[], maxEntries: number): Promise<Volume | undefined> {
  for (const { name, content } of partitions) {
    if (/Apple_APFS/.test(name) || (await isApfs(name, content))) return { fileSystem: "apfs" };
    if (!mayBeHfs(name) || !(await isHfs(content))) continue;
    const volume = await openHfs(content, maxEntries);
    const byPath = new Map(volume.files.map((file) => [file.path, file]));
    const files: AppFiles = {
      paths: [...byPath.keys()],
      has: (path) => byPath.has(path),
      async read(path, maxBytes) {
        const file = byPath.get(path);
        if (file === undefined) throw broken(`there is no ${path}`);
        if (file.fork.bytes > maxBytes) throw broken(`${path} claims ${file.fork.bytes} bytes, at most ${maxBytes} are read`);
        return volume.open(file).read(0, file.fork.bytes);
      },
      async open(path) {
        const file = byPath.get(path);
        return file === undefined ? undefined : { source: volume.open(file), readableBytes: file.fork.bytes, close: async () => {} };
      },
    };
    return { fileSystem: "hfs+", files, ...(volume.name === undefined ? {} : { name: volume.name }) };
  }
  return undefined;
}

/** Partition maps and free space have names of their own; an image without map has one partition that may be anything. */
function mayBeHfs(name: string): boolean {
  return /Apple_HFS|whole disk|unknown/i.test(name) || !/Apple_|GPT|MBR|DDM|Driver/.test(name);
}

async function isApfs(name: string, content: ByteSource): Promise<boolean> {
  if (!mayBeHfs(name) || content.size < APFS_OFFSET + 4) return false;
  return Buffer.from(await content.read(APFS_OFFSET, 4)).toString("latin1") === APFS;
}
