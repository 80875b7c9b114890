import { type Sha256, sha256 } from "@distd/core";
import type { FeedFile, Fragment, FragmentFile } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import { separatorOf } from "./list-pages.ts";

/** What a generated file is made of. A list is its id, its encoding, and what stands between its pages. */
export type FileContent =
  | {
      readonly kind: "parts";
      readonly type: string;
      readonly parts: readonly (string | readonly [list: number, encoding: "plain" | "gzip", separator: string])[];
    }
  | { readonly kind: "artifact"; readonly type: string; readonly artifact: string; readonly part?: ArtifactPart }
  | { readonly kind: "blob"; readonly type: string; readonly blob: Sha256; readonly size: number };

/** Bytes inside an artifact that are named by a digest of their own. */
export interface ArtifactPart {
  readonly offset: number;
  readonly size: number;
  readonly sha256: Sha256;
}

/** The files of one feed and channel of a repository, while a generation is cut. */
export interface GeneratedFiles {
  /** Writes what `assemble` gave. Immutable files it gave before and gives no more end. */
  writeAssembled(files: readonly FeedFile[]): Promise<void>;
  putRelease(release: string, fragment: Pick<Fragment, "files" | "texts">): Promise<void>;
  removeRelease(release: string): Promise<void>;
}

export interface FilesPlace {
  readonly repository: string;
  readonly feed: string;
  readonly channel: string;
  readonly generation: number;
  readonly at: string;
}

/** Rows of one statement; engines limit their parameters. */
const INSERT_ROWS = 500;

interface Wanted {
  readonly path: string;
  readonly cache: "index" | "immutable";
  readonly content: FileContent;
  readonly etag: string;
}

export function openGeneratedFiles(tx: Tx, place: FilesPlace): GeneratedFiles {
  const { repository, feed, channel, generation, at } = place;
  const current = (release: string) =>
    tx
      .selectFrom("generated_files")
      .select(["id", "path", "etag", "cache"])
      .where("repository_id", "=", repository)
      .where("feed", "=", feed)
      .where("channel", "=", channel)
      .where("release_id", "=", release)
      .where("to_generation", "is", null);
  const end = async (ids: readonly number[]): Promise<void> => {
    if (ids.length === 0) return;
    // What was made in this very generation was seen by nobody.
    await tx.deleteFrom("generated_files").where("id", "in", ids).where("from_generation", "=", generation).execute();
    await tx.updateTable("generated_files").set({ to_generation: generation, ended_at: at }).where("id", "in", ids).execute();
  };
  const replace = async (
    release: string,
    wanted: readonly Wanted[],
    there: Awaited<ReturnType<ReturnType<typeof current>["execute"]>>,
  ): Promise<void> => {
    const byPath = new Map(there.map((row) => [row.path, row]));
    const changed = wanted.filter(({ path, etag }) => byPath.get(path)?.etag !== etag);
    await end(changed.flatMap(({ path }) => byPath.get(path)?.id ?? []));
    const base = {
      repository_id: repository,
      feed,
      channel,
      release_id: release,
      from_generation: generation,
      to_generation: null,
      ended_at: null,
    };
    const rows = changed.map(({ path, cache, content, etag }) => ({ ...base, path, cache, content: JSON.stringify(content), etag }));
    for (let first = 0; first < rows.length; first += INSERT_ROWS)
      await tx
        .insertInto("generated_files")
        .values(rows.slice(first, first + INSERT_ROWS))
        .execute();
  };

  return {
    async writeAssembled(files) {
      const paths = files.map(({ path }) => path);
      const named = paths.length === 0 ? [] : await current("").where("path", "in", paths).execute();
      const given = new Set(paths);
      const immutable = await current("").where("cache", "=", "immutable").execute();
      const gone = new Set(files.filter(({ parts }) => parts === undefined).map(({ path }) => path));
      await end([
        ...immutable.filter(({ path }) => !given.has(path)).map(({ id }) => id),
        ...named.filter(({ path }) => gone.has(path)).map(({ id }) => id),
      ]);
      await replace("", files.flatMap(asWanted), named);
    },
    async putRelease(release, { files, texts }) {
      const wanted: Wanted[] = [
        ...files.map((file): Wanted => {
          const content = contentOf(file);
          return { path: file.path, cache: "immutable", content, etag: tagOf(content) };
        }),
        ...texts.flatMap(({ path, text, contentType, cache = "immutable" }) => asWanted({ path, contentType, cache, parts: [text] })),
      ];
      const there = await current(release).execute();
      const paths = new Set(wanted.map(({ path }) => path));
      await end(there.filter(({ path }) => !paths.has(path)).map(({ id }) => id));
      await replace(release, wanted, there);
    },
    async removeRelease(release) {
      await end((await current(release).execute()).map(({ id }) => id));
    },
  };
}

function contentOf(file: FragmentFile): FileContent {
  const type = file.contentType ?? "application/octet-stream";
  if ("blob" in file) return { kind: "blob", type, blob: file.blob, size: file.size };
  return { kind: "artifact", type, artifact: file.artifact, ...(file.part && { part: file.part }) };
}

function asWanted({ path, contentType, cache, parts }: FeedFile): Wanted[] {
  if (parts === undefined) return [];
  const content: FileContent = {
    kind: "parts",
    type: contentType,
    parts: parts.map((part) => (typeof part === "string" ? part : ([part.list.id, part.encoding, separatorOf(part.list.name)] as const))),
  };
  const lists = parts.flatMap((part) => (typeof part === "string" ? [] : [part.list.tag]));
  return [{ path, cache, content, etag: tagOf(content, lists) }];
}

/** Identity of the bytes, without reading the lists. */
function tagOf(content: FileContent, lists: readonly string[] = []): Sha256 {
  return sha256(new TextEncoder().encode(JSON.stringify([content, lists])));
}
