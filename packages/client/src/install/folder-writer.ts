// What an archive holds, written into a new folder. Links come last, so that nothing is written through one.
import { mkdirSync, openSync, symlinkSync, writeSync, closeSync, fsyncSync } from "node:fs";
import { dirname, join } from "node:path";
import { safeParts, staysInside, unsafe } from "./safe-path.ts";

const MAX_ENTRIES = 200_000;
const MAX_BYTES = 64 * 1024 * 1024 * 1024;

export interface FolderWriter {
  folder(path: string): void;
  file(path: string, mode: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  link(path: string, target: string): void;
  /** Makes the links. */
  finish(): void;
}

/** `root` exists, and is empty. */
export function writeFolder(root: string): FolderWriter {
  const links: { readonly path: string; readonly target: string }[] = [];
  let entries = 0;
  let bytes = 0;
  const place = (path: string): string => {
    if ((entries += 1) > MAX_ENTRIES) throw unsafe(`the archive has more than ${MAX_ENTRIES} entries`);
    return join(root, ...safeParts(path));
  };
  return {
    folder: (path) => void mkdirSync(place(path), { recursive: true }),
    async file(path, mode, content) {
      const target = place(path);
      if (target === root) throw unsafe("the archive has a file without a name");
      mkdirSync(dirname(target), { recursive: true });
      // Fails on a name that is there already.
      const file = openSync(target, "wx", (mode & 0o111) === 0 ? 0o644 : 0o755);
      try {
        for await (const piece of content) {
          bytes += piece.length;
          if (bytes > MAX_BYTES) throw unsafe(`the archive unpacks to more than ${MAX_BYTES} bytes`);
          writeSync(file, piece);
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    link(path, target) {
      const parts = safeParts(path);
      if (parts.length === 0 || !staysInside(parts.slice(0, -1), target))
        throw unsafe(`the archive has a link that leaves its folder: ${JSON.stringify(`${path} → ${target}`.slice(0, 200))}`);
      links.push({ path: place(path), target });
    },
    finish() {
      for (const { path, target } of links) {
        mkdirSync(dirname(path), { recursive: true });
        symlinkSync(target, path);
      }
    },
  };
}
