import type { ByteSource } from "@distd/core";
import { isApfs, openApfs } from "../../apfs/open-apfs.ts";
import type { AppFiles } from "../../app-bundle/app-files.ts";
import { broken } from "../../broken.ts";
import type { Budget } from "../../budget.ts";
import { isHfs, openHfs } from "../../hfs/open-hfs.ts";
import { present } from "../../present.ts";
import type { UdifPartition } from "../../udif/read-udif.ts";

export interface Volume {
  readonly fileSystem: "apfs" | "hfs+";
  readonly name?: string;
  /** Then there are no files. */
  readonly isEncrypted?: boolean;
  readonly files?: AppFiles;
}

/** The first partition with a file system a Mac opens; undefined when there is none that can be read. */
export async function findVolume(partitions: readonly UdifPartition[], maxEntries: number, budget: Budget): Promise<Volume | undefined> {
  for (const { name, content } of partitions) {
    const maybe = mayBeVolume(name);
    if (/Apple_APFS/.test(name) || (maybe && (await isApfs(content)))) {
      const volume = await openApfs(content, maxEntries, budget);
      if (volume.isEncrypted) return { fileSystem: "apfs", isEncrypted: true, ...present({ name: volume.name }) };
      return { fileSystem: "apfs", files: filesOf(volume), ...present({ name: volume.name }) };
    }
    if (!maybe || !(await isHfs(content))) continue;
    const volume = await openHfs(content, maxEntries, budget);
    return { fileSystem: "hfs+", files: filesOf(volume), ...present({ name: volume.name }) };
  }
  return undefined;
}

interface VolumeFile {
  readonly path: string;
  readonly bytes: number;
}

function filesOf<T extends VolumeFile>(volume: { readonly files: readonly T[]; open(file: T): ByteSource }): AppFiles {
  const byPath = new Map(volume.files.map((file) => [file.path, file]));
  return {
    paths: [...byPath.keys()],
    has: (path) => byPath.has(path),
    async read(path, maxBytes) {
      const file = byPath.get(path);
      if (file === undefined) throw broken(`there is no ${path}`);
      if (file.bytes > maxBytes) throw broken(`${path} claims ${file.bytes} bytes, at most ${maxBytes} are read`);
      return volume.open(file).read(0, file.bytes);
    },
    async open(path) {
      const file = byPath.get(path);
      return file === undefined ? undefined : { source: volume.open(file), readableBytes: file.bytes, close: async () => {} };
    },
  };
}

/** Partition maps and free space have names of their own; an image without map has one partition that may be anything. */
function mayBeVolume(name: string): boolean {
  return /Apple_HFS|whole disk|unknown/i.test(name) || !/Apple_|GPT|MBR|DDM|Driver/.test(name);
}
