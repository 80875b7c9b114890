import { renderTarget } from "@distd/core";
import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, sealEnvelope } from "@distd/core/wire";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import type { AppRow } from "../apps.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { type ArtifactRow, artifactPath, artifactsOf, type ReleaseRow } from "../releases/releases.ts";

/** After this a client knows that news is being held back from it. */
const LIFETIME_MS = 7 * DAY_MS;
/** Documents are issued anew this often, so that an honest one is never near its end. */
const REISSUE_MS = DAY_MS;
const REISSUE_BATCH = 200;

interface ChannelRef {
  readonly id: string;
  readonly name: string;
  readonly sequence: number;
}

/** Compiles, signs and stores the channel's document for the heads that stand in this transaction. */
export async function issueChannelDocument(tx: Tx, instance: Instance, app: Pick<AppRow, "slug">, channel: ChannelRef): Promise<void> {
  const heads = await tx
    .selectFrom("channel_heads")
    .innerJoin("releases", "releases.id", "channel_heads.release_id")
    .selectAll("releases")
    .select("channel_heads.target")
    .where("channel_id", "=", channel.id)
    .orderBy("channel_heads.target")
    .execute();
  const artifacts = new Map<string, readonly ArtifactRow[]>();
  for (const { id } of heads) if (!artifacts.has(id)) artifacts.set(id, await artifactsOf(tx, id));
  const live = heads.map((head) => ({ ...head, artifacts: artifacts.get(head.id) ?? [] }));
  const document = renderDocument(instance, app.slug, channel, live);
  const body = JSON.stringify(sealEnvelope(CHANNEL_DOCUMENT_TYPE, JSON.stringify(document), instance.key));
  const row = { sequence: channel.sequence, base_url: instance.baseUrl, issued_at: document.issued, body };
  await tx
    .insertInto("channel_documents")
    .values({ channel_id: channel.id, ...row })
    .onConflict((conflict) => conflict.column("channel_id").doUpdateSet(row))
    .execute();
}

interface LiveHead extends ReleaseRow {
  readonly target: string;
  readonly artifacts: readonly ArtifactRow[];
}

function renderDocument(instance: Instance, slug: string, channel: ChannelRef, live: readonly LiveHead[]): ChannelDocument {
  const issued = instance.now();
  const document: ChannelDocument = {
    _type: "channel",
    spec_version: "1.0",
    app: slug,
    channel: channel.name,
    sequence: channel.sequence,
    issued: iso(issued),
    expires: iso(issued + LIFETIME_MS),
    heads: {},
    targets: {},
    links: [],
  };
  for (const { target, id, version, build, revision, artifacts } of live) {
    document.heads[target] = { release: id, version, build, revision };
    for (const row of artifacts.filter((artifact) => renderTarget(artifact) === target)) {
      const { platform, arch, variant, format, role } = row;
      if (row.link !== null) document.links.push({ release: id, platform, url: row.link });
      if (row.sha256 === null || row.size === null) continue;
      const path = artifactPath(slug, row);
      const custom = { release: id, platform, arch, variant, format, role, url: `${instance.baseUrl}/d/${path}` };
      document.targets[path] = { length: row.size, hashes: { sha256: row.sha256 }, custom };
    }
  }
  return document;
}

/** Issues anew what is a day old or names another public address. One audit event for each batch; returns how many documents it was. */
export async function reissueChannelDocuments(instance: Instance, caller: Caller): Promise<number> {
  let issued = 0;
  for (let batch = REISSUE_BATCH; batch === REISSUE_BATCH; issued += batch) {
    batch = await act(instance, caller, async (tx) => {
      const stale = await tx
        .selectFrom("channel_documents")
        .innerJoin("channels", "channels.id", "channel_documents.channel_id")
        .innerJoin("apps", "apps.id", "channels.app_id")
        .select(["channels.id", "channels.name", "channels.sequence", "apps.slug"])
        .where((where) => where.or([where("base_url", "<>", instance.baseUrl), where("issued_at", "<", iso(instance.now() - REISSUE_MS))]))
        .limit(REISSUE_BATCH)
        .execute();
      for (const channel of stale) await issueChannelDocument(tx, instance, channel, channel);
      if (stale.length === 0) return { result: 0 };
      return {
        result: stale.length,
        event: { action: "channel.reissue", subject: "channels", details: { channels: stale.map(({ id }) => id) } },
      };
    });
  }
  return issued;
}
