import { bareVersion, isPreRelease, parseVersion, renderCoordinate, renderSha256 } from "@distd/core";
import type { FeedArtifact, FeedVersion } from "../feed.ts";
import { assetNames } from "./asset-names.ts";
import { stableId } from "./stable-id.ts";

/** Behind the path of an asset: its bytes, beside what is said about it. */
export const BYTES = ";bytes";
export const BYTES_TYPE = "application/octet-stream";

/** A release as GitHub's API says it; fields that clients read but distd has nothing for say so. */
export interface ReleaseDocument {
  readonly id: number;
  readonly tag_name: string;
  readonly assets: readonly AssetDocument[];
  readonly [field: string]: unknown;
}

export interface AssetDocument {
  readonly id: number;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Where an app's releases are: `OWNER/APP` on GitHub is `REPOSITORY/APP` here. */
export interface ReleasePlace {
  /** Of the server, without trailing slash. */
  readonly root: string;
  readonly owner: string;
}

/** `ROOT/github/OWNER`: the server answers at its root too, as GitHub Enterprise does, and clients know its API by that path alone. */
export function placeOf(address: string): ReleasePlace {
  const [, root = "", owner = ""] = /^(.*)\/github\/([^/]+)$/.exec(address) ?? [];
  return { root, owner };
}

export interface DescribedRelease {
  readonly document: ReleaseDocument;
  readonly assets: readonly { readonly artifact: FeedArtifact; readonly document: AssetDocument; readonly download: string }[];
}

/** `v1.4.0`. A version that begins with no digit is its own tag. */
export function tagOf(version: string): string {
  return /^[0-9]/.test(version) ? `v${version}` : version;
}

/** What a tag means, written with or without its `v`. */
export function versionOf(tag: string): string {
  return bareVersion(tag);
}

/** The version, with its build where there is one: a name for one content. */
export function exactVersion({ version, build }: Pick<FeedVersion, "version" | "build">): string {
  return build === "" ? version : `${version}+${build}`;
}

export function repositoryPath({ owner }: Pick<ReleasePlace, "owner">, app: string): string {
  return `repos/${owner}/${app}`;
}

export function describeRelease(release: FeedVersion, place: ReleasePlace): DescribedRelease {
  const { app, version, build, notes } = release;
  const { root, owner } = place;
  const releases = `${apiOf(place)}/${repositoryPath(place, app.slug)}/releases`;
  const id = stableId(app.slug, version, build);
  const at = release.publishedAt.replace(/\.\d+Z$/, "Z");
  const names = assetNames(release.artifacts);

  const assets = Array.from(names, ([artifact, name]) => {
    const assetId = stableId(app.slug, version, build, renderCoordinate(artifact));
    const download = `${owner}/${app.slug}/releases/download/${exactVersion(release)}/${name}`;
    const path = [owner, app.slug, "releases", "download", tagOf(exactVersion(release)), name];
    const document: AssetDocument = {
      url: `${releases}/assets/${assetId}`,
      browser_download_url: `${root}/${path.map(encodeURIComponent).join("/")}`,
      id: assetId,
      node_id: `asset:${assetId}`,
      // Forgejo's clients download by it, from `/attachments/`: it says where the asset is.
      uuid: `${owner}.${app.slug}.${assetId}`,
      name,
      label: "",
      state: "uploaded",
      content_type: BYTES_TYPE,
      size: artifact.size,
      digest: renderSha256(artifact.sha256),
      download_count: 0,
      created_at: at,
      updated_at: at,
      uploader: accountOf(place),
    };
    return { artifact, document, download };
  });

  const tag = tagOf(version);
  return {
    assets,
    document: {
      url: `${releases}/${id}`,
      html_url: `${releases}/tags/${encodeURIComponent(tag)}`,
      assets_url: `${releases}/${id}/assets`,
      upload_url: `${releases}/${id}/assets{?name,label}`,
      tarball_url: null,
      zipball_url: null,
      id,
      node_id: `release:${id}`,
      tag_name: tag,
      target_commitish: "",
      name: `${app.name} ${version}${build === "" ? "" : ` (${build})`}`,
      draft: false,
      prerelease: looksLikePreRelease(version),
      created_at: at,
      published_at: at,
      author: accountOf(place),
      body: notes,
      assets: assets.map(({ document }) => document),
    },
  };
}

export function describeRepository(place: ReleasePlace, app: string): Readonly<Record<string, unknown>> {
  const { owner } = place;
  const url = `${apiOf(place)}/${repositoryPath(place, app)}`;
  const id = stableId(owner, app);
  return {
    id,
    node_id: `repository:${id}`,
    name: app,
    full_name: `${owner}/${app}`,
    owner: accountOf(place),
    html_url: url,
    url,
    releases_url: `${url}/releases{/id}`,
    description: null,
    fork: false,
    archived: false,
    disabled: false,
  };
}

export function apiOf({ root }: Pick<ReleasePlace, "root">): string {
  return `${root}/api/v3`;
}

function accountOf({ root, owner }: ReleasePlace): Readonly<Record<string, unknown>> {
  const id = stableId(owner);
  return { login: owner, id, node_id: `account:${id}`, url: root, html_url: root, type: "Organization", site_admin: false };
}

/** By its text, as semver, as a date, or as PEP 440 says it. */
function looksLikePreRelease(text: string): boolean {
  const version = parseVersion(text);
  return version.scheme === "opaque" ? PEP440_PRE_RELEASE.test(text) : isPreRelease(version);
}

/** `1.0rc1`, `2.1.dev3`: numbers, then one of PEP 440's words with a number. */
const PEP440_PRE_RELEASE = /^[0-9]+(?:\.[0-9]+)*[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[-_.]?[0-9]*$/i;
