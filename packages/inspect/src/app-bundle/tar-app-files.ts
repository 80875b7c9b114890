import { type ByteSource, memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import type { InspectLimits } from "../limits.ts";
import { MAX_PLIST_BYTES } from "../plist/parse-plist.ts";
import { scanTar } from "../tar/scan-tar.ts";
import type { AppFiles } from "./app-files.ts";
import { INFO_PLIST } from "./find-apps.ts";

/** Apps whose property list is kept while the archive is passed over. */
const MAX_KEPT = 16;
const MAX_EXECUTABLE_BYTES = 24 * 1024 * 1024;

/** A tar is only read from front to back: the first pass finds the app, a second one its executable. Each may inflate half of the limit. */
export async function tarAppFiles(source: ByteSource, limits: InspectLimits): Promise<AppFiles> {
  const half = { ...limits, maxInflatedBytes: Math.floor(limits.maxInflatedBytes / 2) };
  const paths: string[] = [];
  const kept = new Map<string, Uint8Array>();
  await scanTar(source, half, {
    want: ({ path, type, bytes }) =>
      type === "file" && bytes <= MAX_PLIST_BYTES && kept.size < MAX_KEPT && INFO_PLIST.test(path) ? bytes : 0,
    visit({ path }, content) {
      paths.push(path);
      if (content.length > 0) kept.set(path, content);
    },
  });
  const known = new Set(paths);
  return {
    paths,
    has: (path) => known.has(path),
    async read(path, maxBytes) {
      const content = kept.get(path);
      if (content === undefined || content.length > maxBytes) throw broken(`${path} cannot be read`);
      return content;
    },
    async open(path) {
      if (!known.has(path)) return undefined;
      let found: { readonly content: Uint8Array; readonly bytes: number } | undefined;
      await scanTar(source, half, {
        want: (entry) => (entry.path === path && entry.type === "file" ? MAX_EXECUTABLE_BYTES : 0),
        visit: (entry, content) => {
          if (entry.path === path && entry.type === "file") found = { content, bytes: entry.bytes };
        },
      });
      if (found === undefined) return undefined;
      const { content, bytes } = found;
      return { source: { ...memorySource(content), size: bytes }, readableBytes: content.length, close: async () => {} };
    },
  };
}
