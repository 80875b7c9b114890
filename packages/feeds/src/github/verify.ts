import { isDeepStrictEqual } from "node:util";
import { renderCoordinate, renderSha256, STABLE } from "@distd/core";
import type { FeedFinding, FeedReader, FeedWanted, WantedArtifact, WantedRelease } from "../feed.ts";
import { addressBelow, compareBytes } from "../verification/compare-bytes.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { findEach } from "../verification/find-each.ts";
import { countOf, type JsonObject, listOf, objectOf, textOf } from "../verification/json-values.ts";
import { onceEach } from "../verification/once.ts";
import { MAX_DOCUMENT_BYTES, readJsonIndex } from "../verification/read-index.ts";
import { apiOf, exactVersion, placeOf, type ReleasePlace, repositoryPath, tagOf } from "./release-document.ts";
import { stableId } from "./stable-id.ts";

const ACCEPT = "application/vnd.github+json";

/** As gh and mise: the release by its tag, and for `stable` as the latest, then the file its asset leads to. */
export function verifyReleases(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]> {
  const { address, channel, releases } = wanted;
  const place = placeOf(address);
  const read = async (url: string): Promise<Found> => {
    const document = objectOf(await readJsonIndex(reader, url, { accept: ACCEPT, maxBytes: MAX_DOCUMENT_BYTES }));
    return { url, document };
  };
  const latestOf = onceEach((app: string) => read(`${releasesOf(place, app)}/latest`));

  /** A release under every name that leads to it. */
  const documentsOf = onceEach(async (release: WantedRelease): Promise<readonly Found[]> => {
    const { app, version } = release;
    const tagged = await read(`${releasesOf(place, app.slug)}/tags/${encodeURIComponent(tagOf(exactVersion(release)))}`);
    expectSame("version", tagged.url, "its tag", tagOf(version), textOf(tagged.document["tag_name"]));
    const numbered = await read(`${releasesOf(place, app.slug)}/${idOf(release)}`);
    expectEqual(numbered, tagged);
    if (channel !== STABLE) return [tagged];
    const latest = await latestOf(app.slug);
    // Of several releases that are live one is the latest; of several revisions of it nobody can say which.
    const newest = releases.filter((one) => idOf(one) === latest.document["id"]);
    if (newest.length === 0)
      throw new FeedMismatch("version", latest.url, `it leads to ${String(latest.document["tag_name"]).slice(0, 100)}, which is not live`);
    if (newest.length > 1 || !newest.includes(release)) return [tagged];
    // The tag has what the last revision added.
    if (release.revisedAt === undefined) expectEqual(latest, tagged);
    return [tagged, latest];
  });

  return findEach(wanted, async (artifact, release) => {
    const documents = await documentsOf(release);
    const urls = documents.map((found) => downloadOf(found, artifact, release, place.root));
    const [url = ""] = urls;
    for (const [index, other] of urls.entries())
      expectSame("contradiction", documents[index]?.url ?? "", "the asset's address", url, other);
    const { size, sha256 } = await compareBytes(reader, url, artifact);
    const names = documents.length === 1 ? "by tag and number" : "by tag, number and as the latest";
    return { url, size, sha256, compared: [`the release ${names}`, "SHA-256 and size of the release"] };
  });
}

interface Found {
  readonly url: string;
  readonly document: JsonObject;
}

function releasesOf(place: ReleasePlace, app: string): string {
  return `${apiOf(place)}/${repositoryPath(place, app)}/releases`;
}

function idOf({ app, version, build }: WantedRelease): number {
  return stableId(app.slug, version, build);
}

function expectEqual(found: Found, expected: Found): void {
  if (!isDeepStrictEqual(found.document, expected.document))
    throw new FeedMismatch("contradiction", found.url, `it is not what ${expected.url} says`);
}

/** Where an artifact's bytes are, by an asset that describes it. */
function downloadOf({ url, document }: Found, artifact: WantedArtifact, { app, version, build }: WantedRelease, root: string): string {
  const id = stableId(app.slug, version, build, renderCoordinate(artifact));
  const assets = listOf(document["assets"]).map(objectOf);
  const asset = assets.find((one) => one["id"] === id);
  if (!asset) throw new FeedMismatch("missing", url, `it has no asset for ${artifact.name}`);
  expectSame("digest", url, `the digest of ${artifact.name}`, renderSha256(artifact.sha256), textOf(asset["digest"]));
  expectSame("size", url, `the size of ${artifact.name}`, String(artifact.size), countOf(asset["size"]));
  return addressBelow(root, url, textOf(asset["browser_download_url"]));
}
