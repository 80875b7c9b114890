import { DistError, isAllowed, isOpen, type Principal, type ReleaseStatus } from "@distd/core";
import { type AppRef, authorize } from "../auth/authorize.ts";
import { offersOf } from "../service/channels/channel-state.ts";
import { MAIN_ORGANIZATION, openApp } from "../service/apps.ts";
import type { Instance } from "../service/instance.ts";
import { isArtifactOnly } from "../service/releases/releases.ts";
import { createReadCache } from "../read-cache.ts";
import { attachment } from "./content-disposition.ts";
import type { ServedFile } from "./file-response.ts";

/** Finds the file of an artifact for somebody who asks. A look-up in memory after the first time. */
export interface Files {
  find(principal: Principal, slug: string, artifact: string, use: "download" | "install"): Promise<FoundFile>;
  /** Call after any change. */
  forget(): void;
}

export interface FoundFile extends ServedFile {
  /** Channels that offer it. */
  readonly offeredOn: readonly string[];
}

interface KnownFile extends FoundFile {
  readonly app: AppRef;
  /** Nobody gets it without saying who he is. */
  readonly isArtifactOnly: boolean;
  /** The best status among the releases that hold it. */
  readonly status: ReleaseStatus;
  readonly withdrawn: { readonly reason: string; readonly replacement: string | null };
}

const MAX_KNOWN_FILES = 20_000;
const mediaTypes: Readonly<Record<string, string>> = { apk: "application/vnd.android.package-archive" };
const bestFirst: readonly ReleaseStatus[] = ["published", "yanked", "quarantined", "draft"];

export function createFiles(instance: Instance): Files {
  const known = createReadCache<KnownFile>(MAX_KNOWN_FILES);

  const lookUp = async (slug: string, artifact: string): Promise<KnownFile | undefined> => {
    const rows = await instance.db.read
      .selectFrom("artifacts")
      .innerJoin("apps", "apps.id", "artifacts.app_id")
      .innerJoin("release_artifacts", "release_artifacts.artifact_id", "artifacts.id")
      .innerJoin("releases", "releases.id", "release_artifacts.release_id")
      .select([
        "apps.id as app_id",
        "apps.access",
        "apps.download",
        "apps.install",
        "releases.id as release_id",
        "artifacts.sha256",
        "artifacts.size",
        "artifacts.name",
        "artifacts.format",
        "artifacts.install as mode",
        "releases.status",
        "releases.withdrawal_reason",
        "releases.replacement_id",
      ])
      .where("apps.org_id", "=", MAIN_ORGANIZATION)
      .where("apps.slug", "=", slug)
      .where("artifacts.id", "=", artifact)
      .execute();
    const [row] = rows.sort((a, b) => bestFirst.indexOf(a.status) - bestFirst.indexOf(b.status));
    if (!row || row.sha256 === null || row.size === null) return undefined;
    const { app_id: id, access, download, install } = row;
    const offers = await offersOf(
      instance.db.read,
      rows.map(({ release_id }) => release_id),
    );
    return {
      app: { id, slug, access, download, install },
      offeredOn: [...offers.values()].flat(),
      isArtifactOnly: isArtifactOnly({ install: row.mode }),
      status: row.status,
      withdrawn: { reason: row.withdrawal_reason ?? "", replacement: row.replacement_id },
      digest: row.sha256,
      size: row.size,
      contentType: mediaTypes[row.format] ?? "application/octet-stream",
      headers: {
        etag: `"${row.sha256}"`,
        "repr-digest": `sha-256=:${Buffer.from(row.sha256, "hex").toString("base64")}:`,
        "accept-ranges": "bytes",
        "cache-control": `${isOpen(access) && isOpen(download) && !isArtifactOnly({ install: row.mode }) ? "public" : "private"}, max-age=31536000, immutable`,
        "content-disposition": attachment(row.name),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin",
      },
    };
  };

  return {
    async find(principal, slug, artifact, use) {
      const file = await known.get(`${slug}/${artifact}`, () => lookUp(slug, artifact));
      if (file) authorize(principal, use, slug, file.app, { offeredOn: file.offeredOn });
      else await openApp(instance.db.read, principal, "read", slug);
      if (file?.isArtifactOnly === true && principal.kind === "anonymous")
        throw new DistError("auth/required", "this build is for people who have a token or were invited");
      if (!file || (file.status === "draft" && !isAllowed(principal, "publish", { app: file.app }))) {
        throw new DistError("artifact/not-found", `app '${slug}' has no artifact '${artifact}'`);
      }
      if (file.status === "quarantined") {
        const { reason, replacement } = file.withdrawn;
        throw new DistError("release/quarantined", `this file was quarantined${reason === "" ? "" : `: ${reason}`}`, {
          details: {
            replacement,
            ...(reason !== "" && { reason }),
            ...(replacement !== null && { instead: `/a/${slug}/releases/${replacement}` }),
          },
        });
      }
      return file;
    },
    forget: known.forget,
  };
}
