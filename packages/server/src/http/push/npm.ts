import { createHash } from "node:crypto";
import { DistError, parseChannelName } from "@distd/core";
import { promote } from "../../service/channels/promote.ts";
import { pushPackage } from "../../service/push/push-package.ts";
import { spool } from "../../service/uploads/spool.ts";
import type { PushContext } from "./index.ts";

/** A publish is one JSON document with the package in base64, held in memory while it is read. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;
const LATEST = "latest";
const STABLE = "stable";

interface PublishDocument {
  readonly name?: unknown;
  readonly "dist-tags"?: Readonly<Record<string, string>>;
  readonly versions?: Readonly<Record<string, { readonly dist?: { readonly integrity?: string } }>>;
  readonly _attachments?: Readonly<Record<string, { readonly data?: string }>>;
}

/** `npm publish`, `npm dist-tag`, and what npm's clients ask a registry beside packages. */
export async function pushNpm(context: PushContext): Promise<Response> {
  const { request, path } = context;
  const tag = /^-\/package\/(.+)\/dist-tags\/([^/]+)$/.exec(path);
  if (tag && (request.method === "PUT" || request.method === "POST")) return moveTag(context, tag[1] ?? "", tag[2] ?? "");
  if (request.method === "PUT" && !path.startsWith("-/")) return publish(context, path);
  return new Response(null, { status: 405, headers: { allow: "GET, HEAD, PUT" } });
}

async function publish({ instance, caller, request, repository }: PushContext, path: string): Promise<Response> {
  const document = await readDocument(request);
  const [attachment, ...others] = Object.entries(document["_attachments"] ?? {});
  if (document.name !== path || attachment === undefined || others.length > 0)
    throw new DistError("usage/invalid", "only a document with one package is understood: 'npm publish'", {
      hint: "to withdraw a version: dist release yank",
    });
  const bytes = new Uint8Array(Buffer.from(attachment[1].data ?? "", "base64"));
  requireIntegrity(document, bytes);
  const [tag = LATEST] = Object.keys(document["dist-tags"] ?? {});
  const channel = channelOf(tag);
  const fileName = attachment[0].slice(attachment[0].lastIndexOf("/") + 1);
  const spooled = await spool(instance, caller, fileName, chunksOf(bytes));
  try {
    if (spooled.inspection.facts.identifier !== document.name)
      throw new DistError(
        "usage/invalid",
        `the package is '${spooled.inspection.facts.identifier}', but was published as '${document.name}'`,
      );
    const { release } = await pushPackage(instance, caller, spooled, { repository, ecosystem: "npm", channel });
    return Response.json({ ok: "created", success: true, id: release.id }, { status: 201 });
  } finally {
    await spooled.drop();
  }
}

async function readDocument(request: Request): Promise<PublishDocument> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_DOCUMENT_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof json === "object" && json !== null) return json;
  } catch (cause) {
    throw new DistError("usage/invalid", "the document is not JSON", { cause });
  }
  throw new DistError("usage/invalid", "the document is no JSON object");
}

function tooLarge(): DistError {
  return new DistError("upload/too-large", `npm sends a package as one document; it may have ${MAX_DOCUMENT_BYTES / 1024 ** 2} MiB`, {
    hint: "publish it with 'dist ci publish'",
  });
}

function requireIntegrity({ versions }: PublishDocument, bytes: Uint8Array): void {
  const stated = Object.values(versions ?? {})[0]?.dist?.integrity;
  const got = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (stated !== undefined && !stated.split(" ").includes(got))
    throw new DistError("blob/digest-mismatch", `the package was announced as ${stated.slice(0, 100)}, but is ${got}`);
}

/** `npm dist-tag add NAME@VERSION TAG`: a promotion. */
async function moveTag({ instance, caller, request, repository }: PushContext, name: string, tag: string): Promise<Response> {
  const version = JSON.parse(await request.text()) as unknown;
  if (typeof version !== "string") throw new DistError("usage/invalid", "a dist-tag points to a version");
  const row = await instance.db.read
    .selectFrom("package_names")
    .innerJoin("apps", "apps.id", "package_names.app_id")
    .innerJoin("repositories", "repositories.id", "package_names.repository_id")
    .select("apps.slug")
    .where("repositories.name", "=", repository)
    .where("ecosystem", "=", "npm")
    .where("package_names.name", "=", name)
    .executeTakeFirst();
  if (!row) throw new DistError("feed/not-found", `there is no package '${name}'`);
  await promote(instance, caller, row.slug, channelOf(tag), { release: version, exact: false, once: false });
  return Response.json({ ok: true }, { status: 201 });
}

function channelOf(tag: string): string {
  return tag === LATEST ? STABLE : parseChannelName(tag);
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
