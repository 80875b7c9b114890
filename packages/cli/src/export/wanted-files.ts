import { DistError } from "@distd/core";
import type { RepositoryDocument, RepositoryFile } from "@distd/core/wire";
import { FEEDS } from "@distd/feeds";
import type { Api } from "../api/api.ts";
import { allPages } from "../api/all-pages.ts";

/** A file to write, and where its bytes come from. */
export interface WantedFile {
  /** Below the root of what is served. */
  readonly path: string;
  /** Path in the API. Never other bytes. */
  readonly source: string;
  readonly sha256?: string;
  readonly size?: number;
}

export interface WantedRepository {
  readonly name: string;
  readonly generation: number;
  readonly files: readonly WantedFile[];
}

const PAGE = 1000;
const EVERYONE = "everyone";

/** What everyone may read; and repositories of a narrower audience that are asked for by name. */
export async function listWanted(api: Api, named: readonly string[]): Promise<WantedRepository[]> {
  const { repositories } = await api.get<{ repositories: RepositoryDocument[] }>("/api/v1/repositories");
  const unknown = named.find((name) => name !== EVERYONE && !repositories.some((repository) => repository.name === name));
  if (unknown !== undefined)
    throw new DistError("repository/not-found", `there is no repository '${unknown}', or this token does not reach it`);
  const chosen = repositories.filter(({ name, audience }) => audience === EVERYONE || named.includes(name));
  return Promise.all(chosen.filter(({ generation }) => generation > 0).map(({ name, generation }) => wantedOf(api, name, generation)));
}

async function wantedOf(api: Api, name: string, generation: number): Promise<WantedRepository> {
  const base = `/api/v1/repositories/${encodeURIComponent(name)}/files`;
  const files = await allPages<RepositoryFile, number>(async (after) => {
    const { files: items, next } = await api.get<{ files: RepositoryFile[]; next: number | null }>(base, {
      generation,
      after,
      limit: PAGE,
    });
    return { items, next };
  });
  return { name, generation, files: files.map((file) => wantedFile(name, base, file)) };
}

function wantedFile(repository: string, base: string, { id, feed, path, type, sha256, size }: RepositoryFile): WantedFile {
  // The server may have a feed that this dist does not know.
  const own = FEEDS.find((one) => one.id === feed)?.mirror.fileName(path, type) ?? path;
  const name = `${feed}/${repository}/${own}`;
  if (name.split("/").some((segment) => segment === "" || segment === "." || segment === "..") || name.includes("\0"))
    throw new DistError("internal/bug", `the server names a file '${name.slice(0, 200)}'`);
  return { path: name, source: `${base}/${id}`, ...(sha256 !== undefined && { sha256 }), ...(size !== undefined && { size }) };
}
