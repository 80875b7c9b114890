import { type Sha256, sha256 } from "@distd/core";
import type { FeedFile, Fragment, FragmentFile } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import { type CutPlace, type FeedOwner, keyOf } from "./cut-place.ts";
import { inBatches } from "./in-batches.ts";
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

/** The files of a repository, while a generation is cut: told one by one, written together. */
export interface GeneratedFiles {
  /** What `assemble` gave. Immutable files it gave before and gives no more end. */
  putAssembled(owner: FeedOwner, files: readonly FeedFile[]): void;
  /** All there is of a release from now on. */
  putRelease(owner: FeedOwner, release: string, fragment: Pick<Fragment, "files" | "texts">): void;
  write(): Promise<void>;
}

/** Of files that are no single release's. */
const NO_RELEASE = "";

interface Wanted {
  readonly path: string;
  readonly cache: "index" | "immutable";
  readonly content: FileContent;
  readonly etag: string;
}

/** What one owner wants of one release from now on. */
interface Wish extends FeedOwner {
  readonly release: string;
  readonly wanted: readonly Wanted[];
  /** Paths that end. Those of a release end by not being wanted. */
  readonly gone: readonly string[];
}

export function openGeneratedFiles(tx: Tx, { repository, generation, at }: CutPlace): GeneratedFiles {
  const wishes = new Map<string, Wish>();
  type Row = Awaited<ReturnType<typeof rowsOf>>[number];

  /** What is there of what the wishes are about. */
  const rowsOf = async (all: readonly Wish[]) => {
    const current = tx
      .selectFrom("generated_files")
      .select(["id", "feed", "channel", "release_id", "path", "etag", "cache", "from_generation"])
      .where("repository_id", "=", repository)
      .where("feed", "in", [...new Set(all.map(({ feed }) => feed))])
      .where("channel", "in", [...new Set(all.map(({ channel }) => channel))])
      .where("to_generation", "is", null);
    const releases = [...new Set(all.map(({ release }) => release))].filter((release) => release !== NO_RELEASE);
    const ofReleases = releases.length === 0 ? [] : await current.where("release_id", "in", releases).execute();
    const assembled = all.filter(({ release }) => release === NO_RELEASE);
    if (assembled.length === 0) return ofReleases;
    const paths = [...new Set(assembled.flatMap(({ wanted, gone }) => [...wanted.map(({ path }) => path), ...gone]))];
    const named = await current.where("release_id", "=", NO_RELEASE).where("path", "in", paths).execute();
    const immutable = await current.where("release_id", "=", NO_RELEASE).where("cache", "=", "immutable").execute();
    return [...ofReleases, ...new Map([...named, ...immutable].map((row) => [row.id, row])).values()];
  };
  const end = async (rows: readonly Row[]): Promise<void> => {
    // What was made in this very generation was seen by nobody.
    const [unseen, seen] = [
      rows.filter((row) => row.from_generation === generation),
      rows.filter((row) => row.from_generation < generation),
    ];
    for (const some of inBatches(unseen))
      await tx
        .deleteFrom("generated_files")
        .where(
          "id",
          "in",
          some.map(({ id }) => id),
        )
        .execute();
    for (const some of inBatches(seen))
      await tx
        .updateTable("generated_files")
        .set({ to_generation: generation, ended_at: at })
        .where(
          "id",
          "in",
          some.map(({ id }) => id),
        )
        .execute();
  };

  return {
    putAssembled(owner, files) {
      const gone = files.filter(({ parts }) => parts === undefined).map(({ path }) => path);
      wishes.set(keyOf(owner, NO_RELEASE), { ...owner, release: NO_RELEASE, wanted: files.flatMap(asWanted), gone });
    },
    putRelease(owner, release, fragment) {
      wishes.set(keyOf(owner, release), { ...owner, release, wanted: wantedOf(fragment), gone: [] });
    },
    async write() {
      const all = [...wishes.values()];
      wishes.clear();
      if (all.length === 0) return;
      const rows = Map.groupBy(await rowsOf(all), (row) => keyOf(row, row.release_id));
      const ended: Row[] = [];
      const written: (Wanted & Wish)[] = [];
      for (const wish of all) {
        const there = new Map((rows.get(keyOf(wish, wish.release)) ?? []).map((row) => [row.path, row]));
        const changed = wish.wanted.filter(({ path, etag }) => there.get(path)?.etag !== etag);
        const paths = new Set(wish.wanted.map(({ path }) => path));
        const ends = (row: Row): boolean => wish.release !== NO_RELEASE || row.cache === "immutable" || wish.gone.includes(row.path);
        ended.push(...changed.flatMap(({ path }) => there.get(path) ?? []));
        ended.push(...[...there.values()].filter((row) => !paths.has(row.path) && ends(row)));
        written.push(...changed.map((file) => ({ ...wish, ...file })));
      }
      await end(ended);
      for (const some of inBatches(written))
        await tx
          .insertInto("generated_files")
          .values(
            some.map(({ feed, channel, release, path, cache, content, etag }) => ({
              repository_id: repository,
              feed,
              channel,
              release_id: release,
              path,
              cache,
              content: JSON.stringify(content),
              etag,
              from_generation: generation,
              to_generation: null,
              ended_at: null,
            })),
          )
          .execute();
    },
  };
}

/** Of several under one path the last is meant. */
function wantedOf({ files, texts }: Pick<Fragment, "files" | "texts">): Wanted[] {
  const all = [
    ...files.map((file): Wanted => {
      const content = contentOf(file);
      return { path: file.path, cache: "immutable", content, etag: tagOf(content) };
    }),
    ...texts.flatMap(({ path, text, contentType, cache = "immutable" }) => asWanted({ path, contentType, cache, parts: [text] })),
  ];
  return [...new Map(all.map((file) => [file.path, file])).values()];
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
