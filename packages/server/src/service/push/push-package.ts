import { type ArtifactFacts, DistError, isAllowed, type Principal } from "@distd/core";
import type { ReleaseDocument } from "@distd/core/wire";
import { normalizePythonName } from "@distd/feeds";
import { type AppRow, MAIN_ORGANIZATION, openApp } from "../apps.ts";
import { promote } from "../channels/promote.ts";
import type { Caller, Instance } from "../instance.ts";
import { attach, withDraft } from "../releases/drafts.ts";
import { publish } from "../releases/publish.ts";
import { findOwner } from "../repositories/package-names.ts";
import { findRepository, homeName } from "../repositories/repositories.ts";
import type { Spooled } from "../uploads/spool.ts";

/** Ecosystems whose own tools may push, and how each calls a package. */
const NAMES: Readonly<Record<string, (facts: ArtifactFacts) => string | undefined>> = {
  apt: ({ format, identifier }) => (format === "deb" ? identifier : undefined),
  npm: ({ format, identifier }) => (format === "npm" ? identifier : undefined),
  pypi: ({ format, identifier }) =>
    (format === "wheel" || format === "sdist") && identifier ? normalizePythonName(identifier) : undefined,
};

export interface PackagePush {
  readonly repository: string;
  readonly ecosystem: string;
  /** Promoted there too, when the caller may. */
  readonly channel?: string | undefined;
}

export interface Pushed {
  readonly app: string;
  readonly release: ReleaseDocument;
  readonly isPromoted: boolean;
}

/**
 * What a push means: the package becomes part of its version. A draft that jobs are building gets it and waits for them; else the version is
 * published, or its next revision. A channel moves only for who may promote.
 */
export async function pushPackage(instance: Instance, caller: Caller, spooled: Spooled, push: PackagePush): Promise<Pushed> {
  const { facts } = spooled.inspection;
  const name = NAMES[push.ecosystem]?.(facts);
  if (name === undefined || facts.version === undefined)
    throw new DistError("artifact/broken", `'${spooled.fileName}' is no package for ${push.ecosystem}`);
  const app = await ownerOf(instance, caller.principal, push, name);
  await spooled.keep(caller, app);
  const artifacts = [{ name: spooled.fileName, digest: `sha256:${spooled.sha256}` }];
  const finish = async (draft: string): Promise<ReleaseDocument> => {
    const attached = await attach(instance, caller, app.slug, draft, { artifacts });
    if (attached.parts.length > 0) return attached;
    return publish(instance, caller, app.slug, draft, { channel: push.channel, overrides: [] });
  };
  const shared = await sharedDraft(instance, app, facts.version);
  const release = shared === undefined ? await withDraft(instance, caller, app.slug, facts.version, finish) : await finish(shared);
  if (release.status === "draft") return { app: app.slug, release, isPromoted: false };
  const mayPromote = push.channel !== undefined && isAllowed(caller.principal, "promote", { app, channel: push.channel });
  if (push.channel === undefined || !mayPromote) return { app: app.slug, release, isPromoted: false };
  await promote(instance, caller, app.slug, push.channel, { release: release.id, exact: false, once: false, only: [spooled.sha256] });
  return { app: app.slug, release, isPromoted: true };
}

/** The app that owns the name; where nobody does, the app that is called like it. */
async function ownerOf(instance: Instance, principal: Principal, { repository, ecosystem }: PackagePush, name: string): Promise<AppRow> {
  const db = instance.db.read;
  const row = await findRepository(db, repository);
  const owner = row && (await findOwner(db, row, ecosystem, name));
  if (owner) return openApp(db, principal, "publish", owner.slug);
  const apps = await db
    .selectFrom("apps")
    .selectAll()
    .where("org_id", "=", MAIN_ORGANIZATION)
    .where("slug", "in", [repository, ...slugsFor(name)])
    .execute();
  const found = [repository, ...slugsFor(name)]
    .map((slug) => apps.find((app) => app.slug === slug && homeName(app) === repository))
    .find(Boolean);
  if (found) return openApp(db, principal, "publish", found.slug);
  // Who may not publish anything learns nothing about names.
  if (!isAllowed(principal, "publish")) throw new DistError("auth/required", "publishing needs a token with the scope publish");
  throw new DistError("app/not-found", `no app of repository '${repository}' is called like '${name}', and none owns that name`, {
    hint: `create it: dist app create ${slugsFor(name)[0] ?? "NAME"}${repository === "main" ? " --access public" : ""}`,
  });
}

/** `@acme/notes` → `notes`, `acme-notes`. */
function slugsFor(name: string): readonly string[] {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "");
  return [...new Set([plain(name.slice(name.lastIndexOf("/") + 1)), plain(name)])].filter((slug) => slug !== "");
}

async function sharedDraft(instance: Instance, app: AppRow, version: string): Promise<string | undefined> {
  const row = await instance.db.read
    .selectFrom("releases")
    .select("id")
    .where("app_id", "=", app.id)
    .where("version", "=", version)
    .where("status", "=", "draft")
    .where("shared", "=", 1)
    .where("merged_into", "is", null)
    .executeTakeFirst();
  return row?.id;
}
