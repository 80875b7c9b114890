import { asDistError, DistError } from "@distd/core";
import type { ParsedManifest } from "@distd/core/manifest";
import type { AppDocument, ChannelState, PublishDocument, ReleaseDocument } from "@distd/core/wire";
import type { Api } from "../api/api.ts";
import { appPath, releasePath } from "../api/paths.ts";
import { uploadAll } from "../api/upload-all.ts";
import type { Output } from "../output/output.ts";
import { renderCheck } from "../output/render-checks.ts";
import type { Override } from "./overrides.ts";
import type { PlannedArtifact } from "./plan-publish.ts";

export interface Published {
  readonly document: PublishDocument;
  /** Why the release is not live although it was asked for. */
  readonly notPromoted: DistError | undefined;
}

export interface PublishOptions {
  readonly part: string | undefined;
  readonly overrides: readonly Override[];
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** From planned artifacts to a release that is live: every step may be repeated, and a repeated run gives the same ids. */
export async function publishRelease(
  api: Api,
  { manifest }: ParsedManifest,
  planned: readonly PlannedArtifact[],
  options: PublishOptions,
): Promise<Published> {
  const { output, signal, part, overrides } = options;
  const { app: slug, version, build, channel } = manifest;
  await ensureApp(api, slug, manifest.name ?? slug, manifest.access ?? "members");
  await uploadAll(
    api,
    slug,
    planned.flatMap(({ ready }) => ready ?? []),
    output,
    signal,
  );
  const parts = part === undefined ? undefined : manifest.parts;
  const draft = await api.post<ReleaseDocument>(`${appPath(slug)}/releases`, { version, build, notes: manifest.notes, parts });
  await api.post<ReleaseDocument>(`${releasePath(draft)}/artifacts`, { artifacts: planned.map(({ request }) => request), part });
  const release = await api.post<ReleaseDocument>(`${releasePath(draft)}/publish`, { channel, overrides });

  const warnings = release.checks.map(renderCheck);
  if (release.status !== "published") warnings.push(`release ${release.id} is ${release.status}`);
  const promotion = channel === undefined ? undefined : await promote(api, slug, channel, release.id);
  const live = promotion instanceof DistError ? undefined : promotion;
  if (promotion instanceof DistError) warnings.push(`not promoted to ${channel}: ${promotion.message}`);
  if (live && !Object.values(live.targets).some((head) => head.release === release.id)) {
    warnings.push(
      `${channel} was left alone: ${version} was live on it before and has been replaced since; 'dist channel promote' brings it back`,
    );
  }
  return {
    document: renderDocument(release, planned, live ?? null, warnings),
    notPromoted: promotion instanceof DistError ? promotion : undefined,
  };
}

async function ensureApp(api: Api, slug: string, name: string, access: string): Promise<void> {
  try {
    await api.get<AppDocument>(appPath(slug));
  } catch (thrown) {
    const error = asDistError(thrown);
    if (error.code !== "app/not-found") throw error;
    const principal = await api.get<{ scopes: string[] }>("/api/v1/principal");
    if (!principal.scopes.includes("app:create")) throw error;
    await api.post<AppDocument>("/api/v1/apps", { slug, name, access }).catch((refused: DistError) => {
      // Another job of the same build may have been faster; whoever may not see what is there finds out with the next request.
      if (refused.code !== "app/exists") throw refused;
    });
  }
}

/** A refusal is part of the answer, because the release is out already. */
async function promote(api: Api, slug: string, channel: string, release: string): Promise<ChannelState | DistError> {
  try {
    return await api.post<ChannelState>(`${appPath(slug)}/channels/${encodeURIComponent(channel)}/promote`, { release, once: true });
  } catch (thrown) {
    const error = asDistError(thrown);
    if (error.code === "run/interrupted") throw error;
    return error;
  }
}

function renderDocument(
  release: ReleaseDocument,
  planned: readonly PlannedArtifact[],
  channel: ChannelState | null,
  warnings: string[],
): PublishDocument {
  const { id, version, build, revision, status } = release;
  const artifacts = release.artifacts.map(({ name, ...artifact }) => {
    const local = planned.find(({ request }) =>
      request.link === undefined ? request.digest === artifact.digest && request.name === name : request.link === artifact.url,
    );
    return { ...artifact, path: local?.path ?? name };
  });
  return { app: release.app, release: { id, version, build, revision, status }, artifacts, channel, warnings };
}
