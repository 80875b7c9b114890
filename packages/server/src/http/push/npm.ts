import { createHash } from "node:crypto";
import { DistError, parseChannelName, STABLE } from "@distd/core";
import { LATEST } from "@distd/feeds";
import { z } from "zod";
import { promotePackage } from "../../service/push/promote-package.ts";
import { pushPackage } from "../../service/push/push-package.ts";
import { spool } from "../../service/uploads/spool.ts";
import { readJson, validate } from "../read-json.ts";
import type { PushContext } from "./push-context.ts";

/** A publish is one JSON document with the package in base64, held in memory while it is read. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;

const PublishDocument = z.object({
  name: z.string(),
  "dist-tags": z.record(z.string(), z.string()).default({}),
  versions: z.record(z.string(), z.object({ dist: z.object({ integrity: z.string().optional() }).optional() })).default({}),
  _attachments: z.record(z.string(), z.object({ data: z.string() })).default({}),
});
type PublishDocument = z.infer<typeof PublishDocument>;

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
  const [attachment, ...others] = Object.entries(document["_attachments"]);
  if (document.name !== path || attachment === undefined || others.length > 0)
    throw new DistError("usage/invalid", "only a document with one package is understood: 'npm publish'", {
      hint: "to withdraw a version: dist release yank",
    });
  const bytes = new Uint8Array(Buffer.from(attachment[1].data, "base64"));
  requireIntegrity(document, bytes);
  const [tag = LATEST] = Object.keys(document["dist-tags"]);
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
  const { value } = await readJson(request, { maxBytes: MAX_DOCUMENT_BYTES, hint: "publish it with 'dist ci publish'" });
  return validate(PublishDocument, value, "the published document") as PublishDocument;
}

function requireIntegrity({ versions }: PublishDocument, bytes: Uint8Array): void {
  const stated = Object.values(versions)[0]?.dist?.integrity;
  const got = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (stated !== undefined && !stated.split(" ").includes(got))
    throw new DistError("blob/digest-mismatch", `the package was announced as ${stated.slice(0, 100)}, but is ${got}`);
}

/** `npm dist-tag add NAME@VERSION TAG`: a promotion. */
async function moveTag({ instance, caller, request, repository }: PushContext, name: string, tag: string): Promise<Response> {
  const { value } = await readJson(request);
  const version = validate(z.string(), value, "the version of a dist-tag") as string;
  await promotePackage(instance, caller, { repository, ecosystem: "npm", name, version, channel: channelOf(tag) });
  return Response.json({ ok: true }, { status: 201 });
}

function channelOf(tag: string): string {
  return tag === LATEST ? STABLE : parseChannelName(tag);
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
