import { DistError } from "../errors/dist-error.ts";
import { canonicalJson } from "../digest/canonical-json.ts";
import { type Sha256, renderSha256, sha256 } from "../digest/sha256.ts";
import { type Coordinate, renderCoordinate } from "./coordinate.ts";

/** draft → published → yanked → quarantined; never back. Yanked: not resolved, exact download works. Quarantined: refused with 451. */
export const RELEASE_STATUSES = ["draft", "published", "yanked", "quarantined"] as const;
export type ReleaseStatus = (typeof RELEASE_STATUSES)[number];

/** What a release is identified by besides its artifacts. `build` is empty where the app has no build numbers. */
export interface ReleaseKey {
  readonly app: string;
  readonly version: string;
  readonly build: string;
}

/** An entry of a release: a stored file, or a link to where somebody else delivers it. */
export interface Entry extends Coordinate {
  readonly digest?: Sha256;
  readonly link?: string;
}

/**
 * SHA-256 of the RFC 8785 form of app, version, build and the entries sorted by coordinate. Notes, metadata, facts and derived files are
 * outside, so a retry with another CI address is the same release.
 */
export function contentIdentity(key: ReleaseKey, entries: readonly Entry[]): Sha256 {
  const sorted = entries.map((entry) => ({ coordinate: renderCoordinate(entry), content: entryContent(entry) }));
  sorted.sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
  return sha256(canonicalJson({ app: key.app, version: key.version, build: key.build, entries: sorted }));
}

/** The part of an entry that must not change under its coordinate. */
export function entryContent(entry: Entry): string {
  return entry.digest === undefined ? `link:${entry.link}` : renderSha256(entry.digest);
}

/** A published revision of the same app, version and build, as far as the decision needs it. */
export interface PublishedRevision<E extends Entry> {
  readonly id: string;
  readonly revision: number;
  readonly identity: Sha256;
  readonly entries: readonly E[];
}

export type PublishPlan<E extends Entry> =
  | { readonly kind: "same"; readonly id: string }
  | {
      readonly kind: "new";
      readonly revision: number;
      readonly identity: Sha256;
      readonly kept: readonly E[];
      readonly added: readonly E[];
    };

/**
 * What publishing these entries means. Identical content is the release that is there; a coordinate with other content is
 * `release/conflict`; a new coordinate makes the next revision, which holds everything published before.
 */
export function planPublish<E extends Entry>(
  key: ReleaseKey,
  draft: readonly E[],
  revisions: readonly PublishedRevision<E>[],
): PublishPlan<E> {
  const byRevision = [...revisions].sort((a, b) => a.revision - b.revision);
  const identity = contentIdentity(key, draft);
  const twin = byRevision.find((revision) => revision.identity === identity);
  if (twin) return { kind: "same", id: twin.id };

  const latest = byRevision.at(-1);
  const published = new Map(latest?.entries.map((entry) => [renderCoordinate(entry), entry]));
  const added = draft.filter((entry) => {
    const coordinate = renderCoordinate(entry);
    const there = published.get(coordinate);
    if (there === undefined) return true;
    if (entryContent(there) === entryContent(entry)) return false;
    throw new DistError(
      "release/conflict",
      `${key.version}${key.build === "" ? "" : ` (${key.build})`} already has other content at ${coordinate}, in release ${latest?.id}`,
      {
        details: { release: latest?.id, coordinate, published: entryContent(there), offered: entryContent(entry) },
      },
    );
  });
  if (latest && added.length === 0) return { kind: "same", id: latest.id };
  const kept = latest?.entries ?? [];
  return { kind: "new", revision: (latest?.revision ?? 0) + 1, identity: contentIdentity(key, [...kept, ...added]), kept, added };
}
