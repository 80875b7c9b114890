import { DistError, parseFileName, parseSha256, settleCoordinate, type Sha256 } from "@distd/core";
import type { AttachRequest } from "@distd/core/wire";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { createId } from "../ids.ts";
import { inspectBlob, storedFacts } from "../uploads/inspection.ts";
import type { Instance } from "../instance.ts";
import { heldByApp } from "../uploads/leases.ts";
import type { ArtifactRow, ReleaseRow } from "./releases.ts";

/** What somebody wants to attach, as the artifact it is: coordinates come from the bytes, and stated ones must agree with them. */
export async function resolveEntry(
  tx: Tx,
  instance: Instance,
  app: AppRow,
  release: ReleaseRow,
  request: AttachRequest,
): Promise<ArtifactRow> {
  const base = {
    id: createId("art", instance.now()),
    app_id: app.id,
    version: release.version,
    build: release.build,
    install: request.install ? JSON.stringify(request.install) : null,
    published: 0,
  };
  if ((request.digest === undefined) === (request.link === undefined))
    throw new DistError("usage/invalid", "an artifact has either a digest or a link");
  return request.link === undefined
    ? { ...base, ...(await resolveFile(tx, instance, app, request)) }
    : { ...base, ...resolveLink(request, request.link) };
}

/** Looks at files that were never looked at under the name they are attached by, before the transaction that needs their facts. */
export async function inspectUnseen(instance: Instance, app: AppRow, requests: readonly AttachRequest[]): Promise<void> {
  for (const { digest, name } of requests) {
    if (digest === undefined) continue;
    const sha256 = parseSha256(digest);
    const held = await heldByApp(instance.db.read, instance, app.id, [sha256]);
    if (held.has(sha256)) await inspectBlob(instance, sha256, parseFileName(name ?? sha256));
  }
}

function missingBytes(name: string, sha256: Sha256, app: AppRow): DistError {
  return new DistError("blob/missing", `the bytes of '${name}' (sha256:${sha256.slice(0, 12)}…) were not uploaded for app '${app.slug}'`);
}

type Resolved = Pick<ArtifactRow, "platform" | "arch" | "format" | "variant" | "role" | "name" | "sha256" | "size" | "link" | "facts">;

async function resolveFile(tx: Tx, instance: Instance, app: AppRow, request: AttachRequest): Promise<Resolved> {
  const sha256 = parseSha256(request.digest ?? "");
  const name = parseFileName(request.name ?? sha256);
  const held = await heldByApp(tx, instance, app.id, [sha256]);
  const blob = held.has(sha256) ? await tx.selectFrom("blobs").select("size").where("sha256", "=", sha256).executeTakeFirst() : undefined;
  if (!blob) throw missingBytes(name, sha256, app);
  const facts = await storedFacts(tx, sha256, name);
  if (!facts) throw missingBytes(name, sha256, app);
  const { coordinate, contradiction } = settleCoordinate(facts, request);
  if (contradiction) {
    const { field, stated, found } = contradiction;
    throw new DistError("artifact/contradiction", `'${name}' is stated as ${field} ${stated}, but its bytes say ${found}`, {
      details: { name, ...contradiction },
    });
  }
  return { ...coordinate, name, sha256, size: blob.size, link: null, facts: JSON.stringify(facts) };
}

function resolveLink(request: AttachRequest, link: string): Resolved {
  if (request.platform === undefined) throw new DistError("usage/invalid", `the link ${link} needs a platform`);
  const { hostname } = new URL(link);
  return {
    platform: request.platform,
    arch: "any",
    format: "link",
    variant: request.variant ?? "",
    role: request.role ?? "install",
    name: hostname,
    sha256: null,
    size: null,
    link,
    facts: null,
  };
}
