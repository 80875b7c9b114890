import { DistError } from "@distd/core";
import type { ReleaseDocument } from "@distd/core/wire";
import type { Api } from "./api.ts";

/** Address of an app in the API. */
export function appPath(slug: string): string {
  return `/api/v1/apps/${encodeURIComponent(slug)}`;
}

export function testersPath(slug: string): string {
  return `${appPath(slug)}/testers`;
}

export function releasePath(release: Pick<ReleaseDocument, "app" | "id">): string {
  return `${appPath(release.app)}/releases/${release.id}`;
}

/** A release as people name it at the shell: its id, or `SLUG@VERSION`. */
export async function findRelease(api: Api, reference: string): Promise<ReleaseDocument> {
  const [slug, version, ...rest] = reference.split("@");
  if (slug && version && rest.length === 0) return api.get(`${appPath(slug)}/releases/${encodeURIComponent(version)}`);
  if (reference.startsWith("rel_")) return api.get(`/api/v1/releases/${encodeURIComponent(reference)}`);
  throw new DistError("usage/invalid", `'${reference}' names no release`, { hint: "give an id (rel_…) or SLUG@VERSION" });
}
