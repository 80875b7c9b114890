import { type ArtifactFacts, DELIVERED_ROLES, DistError, isOpen, isPublic, parseSha256, renderTarget } from "@distd/core";
import type { AppDocument, ArtifactDocument, ChannelState, FeedDocument, ReleaseDocument, RepositoryDocument } from "@distd/core/wire";
import type { WantedArtifact, WantedRelease } from "@distd/feeds";
import type { Api } from "../api/api.ts";
import { appPath } from "../api/paths.ts";

/** What a channel has live, and where people find it. */
export interface Live {
  readonly app: string;
  readonly channel: string;
  readonly repository: string;
  /** Whether everyone may read the repository. */
  readonly isOpen: boolean;
  /** What the addresses of all feeds begin with, without trailing slash. */
  readonly root: string;
  readonly releases: readonly WantedRelease[];
  /** Of the release's own files, by artifact. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** The repository of all public apps. */
const MAIN = "main";

/** `repository` is the one the app belongs to when absent. */
export async function findLive(api: Api, slug: string, channel: string, repository: string | undefined): Promise<Live> {
  const app = await api.get<AppDocument>(appPath(slug));
  const { channels } = await api.get<{ channels: ChannelState[] }>(`${appPath(slug)}/channels`);
  const targets = channels.find(({ name }) => name === channel)?.targets;
  if (!targets || Object.keys(targets).length === 0)
    throw new DistError("channel/not-found", `nothing is live on the channel '${channel}' of '${slug}'`);
  const home = isPublic(app) ? MAIN : app.slug;
  if (repository !== undefined && repository !== home) await requireMember(api, repository, slug, channel);

  const ids = [...new Set(Object.values(targets).map(({ release }) => release))];
  const documents = await Promise.all(ids.map((id) => api.get<ReleaseDocument>(`${appPath(slug)}/releases/${id}`)));
  return {
    app: slug,
    channel,
    repository: repository ?? home,
    isOpen: (repository ?? home) === home && isOpen(app.access) && isOpen(app.download),
    root: await findRoot(api, repository ?? home),
    releases: await Promise.all(documents.map((document) => toWanted(api, app, document, targets))),
    addresses: new Map(documents.flatMap(({ artifacts }) => artifacts.map(({ id, url }) => [id, url] as const))),
  };
}

async function requireMember(api: Api, repository: string, slug: string, channel: string): Promise<void> {
  const { repositories } = await api.get<{ repositories: RepositoryDocument[] }>("/api/v1/repositories");
  const members = repositories.find(({ name }) => name === repository)?.members ?? [];
  if (members.includes(slug) || members.includes(`${slug}@${channel}`)) return;
  throw new DistError("repository/not-found", `there is no repository '${repository}' that has ${slug}@${channel}`);
}

/** Where clients are told to look; the server as we reach it where no feed has anything yet. */
async function findRoot(api: Api, repository: string): Promise<string> {
  const { feeds } = await api.get<{ feeds: FeedDocument[] }>("/api/v1/feeds");
  for (const { id, endpoints } of feeds) {
    const address = endpoints.find((endpoint) => endpoint.repository === repository)?.address;
    if (address?.endsWith(`/${id}/${repository}`)) return address.slice(0, -`/${id}/${repository}`.length);
  }
  return api.server;
}

async function toWanted(
  api: Api,
  { slug, name }: AppDocument,
  document: ReleaseDocument,
  targets: ChannelState["targets"],
): Promise<WantedRelease> {
  const { id, version, build, publishedAt, createdAt } = document;
  // By its version, a release is the last revision of it.
  const last = await api.get<ReleaseDocument>(`${appPath(slug)}/releases/${encodeURIComponent(version)}`);
  // A release may be live for some of its targets only; what is for none, such as checksums, goes with it.
  const isLive = (artifact: ArtifactDocument): boolean =>
    !DELIVERED_ROLES.has(artifact.role) || targets[renderTarget(artifact)]?.release === id;
  return {
    app: { slug, name },
    version,
    build,
    publishedAt: publishedAt ?? createdAt,
    ...(last.id !== id && last.publishedAt !== null && { revisedAt: last.publishedAt }),
    artifacts: document.artifacts.filter(isLive).flatMap((artifact) => toWantedArtifact(artifact) ?? []),
  };
}

/** Undefined for a link, which has no bytes, and for what is handed out to known people alone. */
function toWantedArtifact({ facts, digest, size, ...artifact }: ArtifactDocument): WantedArtifact | undefined {
  if (facts === null || digest === null || size === null || artifact.install?.mode === "artifact-only") return undefined;
  const { id, name, platform, arch, format, variant, role } = artifact;
  return { id, name, platform, arch, format, variant, role, size, sha256: parseSha256(digest), facts: facts as unknown as ArtifactFacts };
}
