import { type ArtifactRequest, DistError, isPlatform, parseArchitecture, type Principal, rankArtifacts, renderTarget } from "@distd/core";
import { type AppRow, openApp } from "../service/apps.ts";
import { findChannel, headsOf } from "../service/channels/channel-state.ts";
import type { Instance } from "../service/instance.ts";
import { type ArtifactRow, artifactsOf, findRelease, type ReleaseRow } from "../service/releases/releases.ts";

/** What is live for one target: the release, and its artifacts for that target. */
interface LiveHead {
  readonly target: string;
  readonly release: ReleaseRow;
  readonly artifacts: readonly ArtifactRow[];
}

/** An app's channel as a reader sees it. */
interface LiveChannel {
  readonly app: AppRow;
  readonly heads: readonly LiveHead[];
}

async function liveChannel(instance: Instance, principal: Principal, slug: string, channel: string): Promise<LiveChannel> {
  const db = instance.db.read;
  const app = await openApp(db, principal, "download", slug, { offeredOn: [channel] });
  const heads = await headsOf(db, (await findChannel(db, app, channel)).id);
  const live = Object.entries(heads).map(async ([target, id]) => ({
    target,
    release: await findRelease(db, app, id),
    artifacts: (await artifactsOf(db, id)).filter((row) => renderTarget(row) === target),
  }));
  return { app, heads: await Promise.all(live) };
}

/** The query of `/d/APP/CHANNEL`. Unknown words are an error: guessing would deliver the wrong file. */
export function parseArtifactRequest(query: URLSearchParams): ArtifactRequest {
  const platform = query.get("platform") || undefined;
  const word = query.get("arch") || undefined;
  const format = query.get("format") || undefined;
  const variant = query.get("variant") || undefined;
  const arch = word === undefined ? undefined : parseArchitecture(word);
  if (platform !== undefined && !isPlatform(platform))
    throw new DistError("usage/invalid", `'${platform.slice(0, 40)}' is not a platform: android, ios, macos, windows, linux, any`);
  if (word !== undefined && arch === undefined)
    throw new DistError("usage/invalid", `'${word.slice(0, 40)}' is not an architecture: x86, x64, arm64, armv7, any`);
  return { ...(platform && { platform }), ...(arch && { arch }), ...(format && { format }), ...(variant && { variant }) };
}

/** The best live artifact for a request. */
export async function resolveArtifact(
  instance: Instance,
  principal: Principal,
  slug: string,
  channel: string,
  request: ArtifactRequest,
): Promise<ArtifactRow> {
  const { heads } = await liveChannel(instance, principal, slug, channel);
  const [best] = rankArtifacts(
    heads.flatMap(({ artifacts }) => artifacts),
    request,
  );
  if (best) return best;
  const there = heads.map(({ target }) => target).join(", ");
  throw new DistError("artifact/not-found", `channel '${channel}' of '${slug}' has nothing for ${JSON.stringify(request)}`, {
    hint: `it has: ${there || "nothing"}`,
  });
}
