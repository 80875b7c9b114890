import { Readable } from "node:stream";
import { DistError, parseChannelName } from "@distd/core";
import { pushPackage } from "../../service/push/push-package.ts";
import { spool, type Spooled } from "../../service/uploads/spool.ts";
import type { PushContext } from "./push-context.ts";

const MAX_FIELD_BYTES = 1024 * 1024;
const MAX_FIELDS = 1000;
const FILE_FIELD = "content";

/** `twine upload`: `legacy/`, or `CHANNEL/legacy/` to promote as well. */
export async function pushPypi(context: PushContext): Promise<Response> {
  const { request, path, instance, caller, repository } = context;
  const [, channel] = /^(?:([^/]+)\/)?legacy\/?$/.exec(path) ?? [undefined, undefined];
  if (request.method !== "POST" || !/^(?:[^/]+\/)?legacy\/?$/.test(path))
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD, POST" } });
  if (channel !== undefined) parseChannelName(channel);
  const { spooled, fields } = await readForm(context, request);
  try {
    const stated = fields.get("sha256_digest");
    if (stated !== undefined && stated !== spooled.sha256)
      throw new DistError("blob/digest-mismatch", `the file was announced as ${stated.slice(0, 100)}, but is ${spooled.sha256}`);
    const { release } = await pushPackage(instance, caller, spooled, { repository, ecosystem: "pypi", channel });
    return new Response(`${release.version} ${release.status}\n`);
  } finally {
    await spooled.drop();
  }
}

/** The form's one file goes to the disk as it comes; other fields are small. */
async function readForm(
  { instance, caller }: PushContext,
  request: Request,
): Promise<{ readonly spooled: Spooled; readonly fields: ReadonlyMap<string, string> }> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data") || !request.body)
    throw new DistError("usage/invalid", "a form with a file is expected: 'twine upload'");
  const { Busboy } = await import("@fastify/busboy");
  const form = new Busboy({ headers: { "content-type": type }, limits: { files: 1, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES } });
  const fields = new Map<string, string>();
  let spooling: Promise<Spooled> | undefined;
  form.on("field", (name, value) => void fields.set(name, value));
  form.on("file", (name, file, fileName) => {
    if (name === FILE_FIELD && spooling === undefined) {
      spooling = spool(instance, caller, fileName, file);
      // Looked at when the form has ended.
      spooling.catch(() => file.resume());
    } else file.resume();
  });
  await new Promise<void>((resolve, reject) => {
    form.on("finish", resolve);
    form.on("error", (cause: unknown) => reject(new DistError("usage/invalid", "the form is damaged", { cause })));
    Readable.fromWeb(request.body as never)
      .on("error", reject)
      .pipe(form);
  });
  if (spooling === undefined) throw new DistError("usage/invalid", `the form has no file '${FILE_FIELD}'`);
  return { spooled: await spooling, fields };
}
