import { DistError, isAllowed, type Principal, type Sha256 } from "@distd/core";
import type { Feed } from "@distd/feeds";
import type { Selectable } from "kysely";
import type { Schema } from "../db/schema.ts";
import { createReadCache } from "../read-cache.ts";
import type { AppRef } from "../auth/authorize.ts";
import type { Instance } from "../service/instance.ts";
import type { ArtifactPart, FileContent } from "../service/repositories/generated-files.ts";
import { audienceOf, isOpenTo } from "../service/repositories/membership.ts";
import { findRepository, type RepositoryRow } from "../service/repositories/repositories.ts";
import { fileResponse, matchesAny, type ServedFile } from "./file-response.ts";
import type { SmallBlobs } from "./small-blobs.ts";

/** Serves what generations hold: a look-up of path to what was made when something was promoted. */
export interface FeedFiles {
  respond(request: Request, principal: Principal, feed: Feed, repository: string, path: string): Promise<Response>;
  /** A file by its id, for who copies a whole generation. */
  respondWithFile(request: Request, principal: Principal, repository: string, id: number): Promise<Response>;
  /** Call after any change. */
  forget(): void;
}

interface KnownRepository extends RepositoryRow {
  /** Who may read it: everyone, or who may read all of these. */
  readonly apps: "everyone" | readonly AppRef[];
}

type KnownFile =
  | {
      readonly kind: "body";
      readonly etag: string;
      readonly type: string;
      readonly cache: "index" | "immutable";
      /** When the generation was cut that made it; milliseconds since 1970. */
      readonly modified: number;
      readonly body: Blob;
    }
  | { readonly kind: "artifact"; readonly file: ServedFile };

const MAX_KNOWN = 2_000;

export function createFeedFiles(instance: Instance, small: SmallBlobs): FeedFiles {
  const repositories = createReadCache<KnownRepository>(MAX_KNOWN);
  const files = createReadCache<KnownFile>(MAX_KNOWN);

  return {
    async respond(request, principal, feed, name, path) {
      const repository = await repositories.get(name, () => loadRepository(instance, name));
      authorizeReading(principal, repository, name);
      const wanted = feed.route(path, request.headers.get("accept") ?? "");
      if (wanted.kind === "redirect")
        return new Response(null, {
          status: 308,
          headers: { location: `${instance.baseUrl}/${feed.id}/${name}/${encodePath(wanted.path)}` },
        });
      const found =
        wanted.kind === "file"
          ? await files.get(`${feed.id}/${name}/${wanted.path}`, () => loadFile(instance, feed, repository, wanted.path))
          : undefined;
      if (!found) throw new DistError("feed/not-found", `feed '${feed.id}' of repository '${name}' has no '${path.slice(0, 200)}'`);
      if (found.kind === "artifact") return fileResponse(request, found.file, instance.blobs, small);
      const vary = wanted.kind === "file" ? wanted.vary : undefined;
      return respondWith(request, found, { isOpen: repository.apps === "everyone", vary, now: instance.now() });
    },
    async respondWithFile(request, principal, name, id) {
      const repository = await repositories.get(name, () => loadRepository(instance, name));
      authorizeReading(principal, repository, name);
      const row = await rowsOf(instance, repository).where("id", "=", id).executeTakeFirst();
      const found = row && (await openRow(instance, row));
      if (!found) throw new DistError("feed/not-found", `repository '${name}' has no file ${id}`);
      if (found.kind === "artifact") return fileResponse(request, found.file, instance.blobs, small);
      return respondWith(request, found, { isOpen: repository.apps === "everyone", vary: undefined, now: instance.now() });
    },
    forget() {
      repositories.forget();
      files.forget();
    },
  };
}

async function loadRepository(instance: Instance, name: string): Promise<KnownRepository | undefined> {
  const row = await findRepository(instance.db.read, name);
  if (!row) return undefined;
  const audience = await audienceOf(instance.db.read, row);
  return { ...row, apps: isOpenTo(audience) ? "everyone" : audience };
}

/** Who may not see it gets the answer for one that does not exist; who sent no token is asked for one, whether it exists or not. */
function authorizeReading(
  principal: Principal,
  repository: KnownRepository | undefined,
  name: string,
): asserts repository is KnownRepository {
  const mayRead =
    repository !== undefined &&
    (repository.apps === "everyone" ||
      (repository.apps.length > 0 && repository.apps.every((app) => isAllowed(principal, "download", { app }))));
  if (mayRead) return;
  if (principal.kind === "anonymous") throw new DistError("auth/required", `repository '${name}' is not open to everyone`);
  throw new DistError("repository/not-found", `there is no repository '${name}', or this token does not reach it`);
}

function rowsOf({ db }: Instance, repository: RepositoryRow) {
  return db.read.selectFrom("generated_files").selectAll().where("repository_id", "=", repository.id);
}

/** What is there now; of files that never change under their name also what was there until lately. */
async function loadFile(instance: Instance, feed: Feed, repository: RepositoryRow, path: string): Promise<KnownFile | undefined> {
  const row = await rowsOf(instance, repository)
    .where("feed", "=", feed.id)
    .where("path", "=", path)
    .where((where) => where.or([where("to_generation", "is", null), where("cache", "=", "immutable")]))
    .orderBy("from_generation", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && openRow(instance, row);
}

async function openRow(instance: Instance, row: Selectable<Schema["generated_files"]>): Promise<KnownFile | undefined> {
  if (row.release_id !== "" && !(await isServed(instance, row.release_id))) return undefined;
  const content = JSON.parse(row.content) as FileContent;
  if (content.kind === "artifact") return loadArtifact(instance, content.artifact, content.type, content.part);
  if (content.kind === "blob")
    return { kind: "artifact", file: servedBytes(content.blob, { digest: content.blob, size: content.size }, content.type) };
  const { issued_at } = await instance.db.read
    .selectFrom("generations")
    .select("issued_at")
    .where("repository_id", "=", row.repository_id)
    .where("number", "=", row.from_generation)
    .executeTakeFirstOrThrow();
  const body = new Blob(await readParts(instance, content, row.from_generation), { type: content.type });
  return { kind: "body", etag: `"${row.etag}"`, type: content.type, cache: row.cache, modified: Date.parse(issued_at), body };
}

/** A quarantined release is refused everywhere, also under names that never change. */
async function isServed(instance: Instance, release: string): Promise<boolean> {
  const row = await instance.db.read.selectFrom("releases").select("status").where("id", "=", release).executeTakeFirst();
  return row?.status === "published" || row?.status === "yanked";
}

/** Lists as they were when the file was made. */
async function readParts(
  instance: Instance,
  { parts }: Extract<FileContent, { kind: "parts" }>,
  generation: number,
): Promise<(string | Uint8Array<ArrayBuffer>)[]> {
  const read: (string | Uint8Array<ArrayBuffer>)[] = [];
  for (const part of parts) {
    if (typeof part === "string") {
      read.push(part);
      continue;
    }
    const [list, encoding, separator] = part;
    const pages = await instance.db.read
      .selectFrom("feed_pages")
      .select(encoding === "gzip" ? "gzip as bytes" : "body as bytes")
      .where("list_id", "=", list)
      .where("from_generation", "<=", generation)
      .where((where) => where.or([where("to_generation", "is", null), where("to_generation", ">", generation)]))
      .orderBy("first_key")
      .execute();
    for (const [index, { bytes }] of pages.entries()) {
      if (index > 0 && separator !== "") read.push(separator);
      if (bytes) read.push(new Uint8Array(bytes));
    }
  }
  return read;
}

async function loadArtifact(instance: Instance, id: string, type: string, part: ArtifactPart | undefined): Promise<KnownFile | undefined> {
  const row = await instance.db.read
    .selectFrom("artifacts")
    .select(["artifacts.sha256", "artifacts.size"])
    .where("artifacts.id", "=", id)
    .executeTakeFirst();
  if (!row || row.sha256 === null || row.size === null) return undefined;
  if (part) return { kind: "artifact", file: servedBytes(part.sha256, { digest: row.sha256, size: part.size, offset: part.offset }, type) };
  return { kind: "artifact", file: servedBytes(row.sha256, { digest: row.sha256, size: row.size }, type) };
}

/** Bytes named by their digest never change, but who may read them may: a shared cache must not answer for us. */
function servedBytes(name: Sha256, place: Pick<ServedFile, "digest" | "size" | "offset">, contentType: string): ServedFile {
  const headers = {
    etag: `"${name}"`,
    "repr-digest": `sha-256=:${Buffer.from(name, "hex").toString("base64")}:`,
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=31536000, immutable, no-transform",
    "x-content-type-options": "nosniff",
  };
  return { ...place, contentType, headers };
}

/** Two generations of one second would have one date: until that has passed none is given (RFC 9110, 8.8.2.2). */
const DATE_SETTLES_MS = 2_000;

function respondWith(
  request: Request,
  { etag, type, cache, modified, body }: Extract<KnownFile, { kind: "body" }>,
  { isOpen, vary, now }: { readonly isOpen: boolean; readonly vary: string | undefined; readonly now: number },
): Response {
  const age = cache === "immutable" ? "max-age=31536000, immutable" : "no-cache";
  const isSettled = now - modified > DATE_SETTLES_MS;
  const caching = {
    etag,
    "cache-control": `${isOpen ? "public" : "private"}, ${age}`,
    // apt knows nothing of tags.
    ...(isSettled && { "last-modified": new Date(modified).toUTCString() }),
    ...(vary && { vary }),
  };
  if (isUnchanged(request, etag, isSettled ? modified : undefined)) return new Response(null, { status: 304, headers: caching });
  const headers = {
    ...caching,
    "content-type": type,
    "content-length": String(body.size),
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
  };
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

/** A tag counts before a date. */
function isUnchanged({ headers }: Request, etag: string, modified: number | undefined): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return matchesAny(tags, etag);
  const since = headers.get("if-modified-since");
  return since !== null && modified !== undefined && Math.floor(modified / 1000) <= Math.floor(Date.parse(since) / 1000);
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
