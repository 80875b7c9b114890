import { type ArtifactFacts, DELIVERED_ROLES, DistError, isAllowed, isOpen, type Principal, renderTarget, type Sha256 } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import type { Read } from "../db/database.ts";
import { type AppRow, findApp, MAIN_ORGANIZATION, openApp } from "../service/apps.ts";
import type { Files } from "./files.ts";
import type { Addresses, Visitor } from "./visitor.ts";
import { findChannel, headsOf, offersOf } from "../service/channels/channel-state.ts";
import type { Instance } from "../service/instance.ts";
import { type ArtifactRow, artifactsOf, findRelease, type ReleaseRow } from "../service/releases/releases.ts";

/** One file or link, as a page shows it. */
export interface ArtifactView {
  readonly row: ArtifactRow;
  readonly facts: ArtifactFacts | undefined;
  /** Where this visitor downloads or installs it, or what it links to. */
  readonly addresses: Addresses;
  readonly release: ReleaseRow;
}

/** What is live on a channel. */
export interface ChannelView {
  readonly app: AppRow;
  readonly channel: string;
  readonly channels: readonly string[];
  /** Those that are live for some target, newest first. */
  readonly releases: readonly ReleaseRow[];
  readonly artifacts: readonly ArtifactView[];
  readonly icon: Sha256 | undefined;
  /** Releases the channel had before, newest first. */
  readonly older: readonly ReleaseRow[];
  readonly accepted: readonly GateResultDocument[];
  /** Whether files and feeds are at their plain addresses for this visitor. */
  readonly hasFeeds: boolean;
}

/** One release, whatever channel it is on. */
export interface ReleaseView {
  readonly app: AppRow;
  readonly release: ReleaseRow;
  readonly artifacts: readonly ArtifactView[];
  readonly icon: Sha256 | undefined;
  /** What the release gate found. */
  readonly checks: readonly GateResultDocument[];
  /** What to use instead, where it was withdrawn. */
  readonly replacement: ReleaseRow | undefined;
}

export interface AppView {
  readonly app: AppRow;
  readonly icon: Sha256 | undefined;
  readonly channels: readonly { readonly name: string; readonly releases: readonly ReleaseRow[] }[];
  readonly releases: readonly ReleaseRow[];
}

const MAX_OLDER = 20;
const MAX_APPS = 500;
/** Whose icon stands for the app, where several have one. */
const ICON_ORDER = ["ios", "android", "macos", "windows", "linux", "any"];

export async function viewChannel(instance: Instance, visitor: Visitor, slug: string, name: string): Promise<ChannelView> {
  const db = instance.db.read;
  const app = await openApp(db, visitor.principal, "read", slug, { offeredOn: [name] });
  const channel = await findChannel(db, app, name);
  const heads = Object.entries(await headsOf(db, channel.id));
  const releases = await releasesOf(
    db,
    heads.map(([, release]) => release),
  );
  const artifacts: ArtifactView[] = [];
  for (const release of releases) {
    const targets = new Set(heads.filter(([, id]) => id === release.id).map(([target]) => target));
    // Signatures and symbols are for no device, and one click away.
    const rows = (await artifactsOf(db, release.id)).filter((row) => targets.has(renderTarget(row)) || !DELIVERED_ROLES.has(row.role));
    artifacts.push(...rows.map((row) => viewOf(visitor, app, release, row, [name])));
  }
  const offered = await db.selectFrom("channel_releases").select("release_id").where("channel_id", "=", channel.id).execute();
  const live = new Set(releases.map(({ id }) => id));
  const older = await releasesOf(
    db,
    offered.map((row) => row.release_id).filter((id) => !live.has(id)),
  );
  return {
    app,
    channel: name,
    channels: (await channelNames(db, app)).filter(isSeenBy(visitor, app)),
    releases,
    artifacts,
    icon: await iconOf(db, artifacts),
    older: older.slice(0, MAX_OLDER),
    accepted: releases.flatMap(({ checks }) => JSON.parse(checks) as GateResultDocument[]).filter(({ override }) => override !== null),
    hasFeeds: visitor.principal.kind !== "tester" && isAllowed(visitor.principal, "download", { app }),
  };
}

export async function viewRelease(instance: Instance, visitor: Visitor, slug: string, reference: string): Promise<ReleaseView> {
  const db = instance.db.read;
  const { principal } = visitor;
  const app = await openApp(db, principal, "read", slug);
  const release = await findRelease(db, app, reference);
  const offeredOn = (await offersOf(db, [release.id])).get(release.id) ?? [];
  const isHidden = release.status === "draft" && !isAllowed(principal, "publish", { app });
  if (isHidden || !isAllowed(principal, "read", { app, offeredOn }))
    throw new DistError("release/not-found", `app '${slug}' has no release '${reference}'`);
  const artifacts = (await artifactsOf(db, release.id)).map((row) => viewOf(visitor, app, release, row, offeredOn));
  const replacement = release.replacement_id === null ? undefined : await findRelease(db, app, release.replacement_id);
  return {
    app,
    release,
    artifacts,
    icon: await iconOf(db, artifacts),
    checks: JSON.parse(release.checks) as GateResultDocument[],
    replacement,
  };
}

export async function viewApp(instance: Instance, visitor: Visitor, slug: string): Promise<AppView> {
  const db = instance.db.read;
  const { principal } = visitor;
  const app = await openApp(db, principal, "read", slug);
  const channels: AppView["channels"][number][] = [];
  let icon: Sha256 | undefined;
  for (const name of (await channelNames(db, app)).filter(isSeenBy(visitor, app))) {
    const view = await viewChannel(instance, visitor, slug, name);
    icon ??= view.icon;
    channels.push({ name, releases: view.releases });
  }
  const releases = await db
    .selectFrom("releases")
    .selectAll()
    .where("app_id", "=", app.id)
    .where("status", "in", ["published", "yanked"])
    .orderBy("published_at", "desc")
    .limit(MAX_OLDER)
    .execute();
  const offers = await offersOf(
    db,
    releases.map(({ id }) => id),
  );
  const isSeen = ({ id }: ReleaseRow): boolean => isAllowed(principal, "read", { app, offeredOn: offers.get(id) ?? [] });
  return { app, icon, channels, releases: releases.filter(isSeen) };
}

/** One file that may be installed, and the icon that was read from it. */
export async function viewArtifact(
  instance: Instance,
  files: Files,
  principal: Principal,
  slug: string,
  artifact: string,
): Promise<{ readonly row: ArtifactRow; readonly icon: Sha256 | undefined; readonly offeredOn: readonly string[] }> {
  // Rights, quarantine and drafts are judged where files are.
  const { offeredOn } = await files.find(principal, slug, artifact, "install");
  const db = instance.db.read;
  const row = await db.selectFrom("artifacts").selectAll().where("id", "=", artifact).executeTakeFirstOrThrow();
  const icon = await db
    .selectFrom("derived")
    .select("sha256")
    .where("kind", "=", "icon")
    .where("sha256", "=", row.sha256)
    .executeTakeFirst();
  return { row, icon: icon?.sha256, offeredOn };
}

/** Apps somebody may see without knowing their address. */
export async function viewApps(instance: Instance, principal: Principal): Promise<readonly AppRow[]> {
  const rows = await instance.db.read
    .selectFrom("apps")
    .selectAll()
    .where("org_id", "=", MAIN_ORGANIZATION)
    .orderBy("name")
    .limit(MAX_APPS)
    .execute();
  const isListed = (app: AppRow): boolean =>
    app.access === "public" || isAllowed(principal, "read", { app: { ...app, access: "members" } });
  return rows.filter(isListed);
}

/** An icon of one of the app's artifacts; undefined: there is none, or it is another app's. */
export async function readIcon(instance: Instance, principal: Principal, slug: string, sha256: string): Promise<Uint8Array | undefined> {
  const app = await openApp(instance.db.read, principal, "read", slug);
  const row = await instance.db.read
    .selectFrom("derived")
    .innerJoin("artifacts", "artifacts.sha256", "derived.sha256")
    .select("derived.body")
    .where("derived.kind", "=", "icon")
    .where("derived.sha256", "=", sha256 as Sha256)
    .where("artifacts.app_id", "=", app.id)
    .where("artifacts.published", "=", 1)
    .executeTakeFirst();
  return row && new Uint8Array(row.body);
}

/** For pages of failures, which may name an app that everybody may see, and no other. */
export async function publicNameOf(instance: Instance, slug: string): Promise<string | undefined> {
  const app = await findApp(instance.db.read, slug);
  return app && isOpen(app.access) ? app.name : undefined;
}

function viewOf(visitor: Visitor, app: AppRow, release: ReleaseRow, row: ArtifactRow, offeredOn: readonly string[]): ArtifactView {
  const facts = row.facts === null ? undefined : (JSON.parse(row.facts) as ArtifactFacts);
  return { row, facts, addresses: visitor.addressesOf(app, row, offeredOn), release };
}

function isSeenBy({ principal }: Visitor, app: AppRow): (channel: string) => boolean {
  return (channel) => isAllowed(principal, "read", { app, offeredOn: [channel] });
}

async function releasesOf(db: Read, ids: readonly string[]): Promise<readonly ReleaseRow[]> {
  const unique = [...new Set(ids)];
  if (unique.length === 0) return [];
  return db.selectFrom("releases").selectAll().where("id", "in", unique).orderBy("published_at", "desc").orderBy("id", "desc").execute();
}

async function channelNames(db: Read, app: AppRow): Promise<readonly string[]> {
  const rows = await db.selectFrom("channels").select("name").where("app_id", "=", app.id).orderBy("name").execute();
  return rows.map(({ name }) => name);
}

async function iconOf(db: Read, artifacts: readonly ArtifactView[]): Promise<Sha256 | undefined> {
  const digests = artifacts.flatMap(({ row }) => row.sha256 ?? []);
  if (digests.length === 0) return undefined;
  const rows = await db.selectFrom("derived").select("sha256").where("kind", "=", "icon").where("sha256", "in", digests).execute();
  const there = new Set(rows.map(({ sha256 }) => sha256));
  const [first] = artifacts
    .filter(({ row }) => row.sha256 !== null && there.has(row.sha256))
    .toSorted((a, b) => ICON_ORDER.indexOf(a.row.platform) - ICON_ORDER.indexOf(b.row.platform));
  return first?.row.sha256 ?? undefined;
}
