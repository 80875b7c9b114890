import type { Architecture, Platform } from "@distd/core";
import { type ExecutableKind, joinArchitectures } from "./identify-executable.ts";

/** Programs named in the facts of an archive; a toolchain has thousands. */
const MAX_EXECUTABLES = 64;

/** What an archive's facts say about its content: counts, the folder everything is in, and the programs. */
export interface Listing {
  add(path: string, type: string, bytes: number): void;
  addExecutable(path: string, kind: ExecutableKind): void;
  /** Whether further programs would be listed. */
  readonly wantsMore: boolean;
  /** The programs' own, when they agree; else `any`. */
  readonly platform: Platform;
  /** The programs'; `any` when there are none. */
  readonly architectures: readonly Architecture[];
  readonly details: Readonly<Record<string, unknown>>;
}

export function createListing(): Listing {
  const counts = { files: 0, folders: 0, links: 0, unpackedBytes: 0 };
  const tops = new Set<string>();
  const executables: { readonly path: string; readonly kind: ExecutableKind }[] = [];
  const kinds = (): readonly ExecutableKind[] => executables.map(({ kind }) => kind);
  return {
    add(path, type, bytes) {
      if (type === "folder") counts.folders += 1;
      else if (type === "file") counts.files += 1;
      else counts.links += 1;
      counts.unpackedBytes += bytes;
      // Two are enough to know that there is not one.
      const top = path.includes("/") ? path.slice(0, path.indexOf("/")) : `/${path}`;
      if (tops.size < 2) tops.add(top);
    },
    addExecutable: (path, kind) => void executables.push({ path, kind }),
    get wantsMore() {
      return executables.length < MAX_EXECUTABLES;
    },
    get platform(): Platform {
      const platforms = new Set(kinds().map(({ platform }) => platform));
      return platforms.size === 1 ? ([...platforms][0] as Platform) : "any";
    },
    get architectures(): readonly Architecture[] {
      return executables.length === 0 ? ["any"] : joinArchitectures(kinds());
    },
    get details() {
      const [top] = tops;
      return {
        entries: counts.files + counts.folders + counts.links,
        ...counts,
        ...(tops.size === 1 && top !== undefined && !top.startsWith("/") && top !== "." ? { top } : {}),
        executables: executables.map(({ path, kind }) => ({ path, format: kind.format, machines: kind.machines })),
      };
    },
  };
}
