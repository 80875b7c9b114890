import { createHash } from "node:crypto";
import { sha256 } from "@distd/core";
import type { Feed, FeedArtifact, FeedReader, FeedVersion } from "../feed.ts";
import type { MemoryFeed } from "./memory-view.ts";
import { sampleBytes } from "./sample-versions.ts";

/** Reads what a feed made, under the addresses clients ask. */
export interface MemoryReader extends FeedReader {
  /** Paths of what was read. */
  readonly asked: ReadonlySet<string>;
}

/** What becomes of a file on its way; undefined: there is none. */
export type OnTheWay = (path: string, bytes: Buffer) => Buffer | undefined;

/** `offered` is what was made of, `live` the releases as they are. */
export function memoryReader(
  feed: Feed,
  made: MemoryFeed,
  { offered, live }: { readonly offered: readonly FeedVersion[]; readonly live: readonly FeedVersion[] },
  onTheWay: OnTheWay = (_, bytes) => bytes,
): MemoryReader {
  const byId = (versions: readonly FeedVersion[]): ReadonlyMap<string, FeedArtifact> =>
    new Map(versions.flatMap((version) => version.artifacts.map((artifact) => [artifact.id, artifact] as const)));
  const [served, released] = [byId(offered), byId(live)];
  const asked = new Set<string>();

  const find = (url: string, accept: string): { readonly bytes: Buffer; readonly type: string } | undefined => {
    const wanted = feed.route(pathOf(feed, url), accept);
    const file = wanted.kind === "file" ? made.read(wanted.path) : undefined;
    if (wanted.kind !== "file" || !file) return undefined;
    asked.add(wanted.path);
    const bytes = onTheWay(wanted.path, file.kind === "body" ? file.bytes : storedBytes(file.file));
    return bytes && { bytes, type: file.kind === "body" ? file.contentType : (file.file.contentType ?? "") };
  };
  const storedBytes = (file: Extract<ReturnType<MemoryFeed["read"]>, { kind: "stored" }>["file"]): Buffer => {
    const artifact = "artifact" in file ? served.get(file.artifact) : undefined;
    if (!artifact || !("artifact" in file)) return Buffer.alloc(0);
    const whole = sampleBytes(artifact);
    return file.part ? whole.subarray(file.part.offset, file.part.offset + file.part.size) : whole;
  };

  return {
    asked,
    read(url, { maxBytes, accept = "*/*" }) {
      const found = find(url, accept);
      if (!found) return Promise.resolve({ kind: "nothing" });
      if (found.bytes.length > maxBytes) return Promise.resolve({ kind: "too-large" });
      return Promise.resolve({ kind: "file", bytes: found.bytes, header: (name) => (name === "content-type" ? found.type : undefined) });
    },
    digest(url, also = []) {
      const found = find(url, "*/*");
      if (!found) return Promise.resolve(undefined);
      const { bytes } = found;
      const digests = Object.fromEntries(also.map((algorithm) => [algorithm, createHash(algorithm).update(bytes).digest("hex")]));
      return Promise.resolve({ size: bytes.length, sha256: sha256(bytes), digests });
    },
    metadata: ({ id }) => Promise.resolve(released.get(id)?.metadata),
  };
}

/** Images and releases have addresses of their own. */
const ROOTS: Readonly<Record<string, RegExp>> = { oci: /^\/v2\//, github: /^\/(?:api\/v3\/)?/ };

function pathOf({ id }: Feed, url: string): string {
  return decodeURIComponent(new URL(url).pathname).replace(ROOTS[id] ?? new RegExp(`^/${id}/main/`), "");
}
