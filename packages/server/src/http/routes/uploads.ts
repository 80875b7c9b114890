import { decodeUtf8, DistError, isSha256, parseSha256, type Sha256 } from "@distd/core";
import { haveAnswerSchema, haveSchema } from "@distd/core/wire";
import { createUpload, dropUpload, have, openUpload } from "../../service/uploads/uploads.ts";
import { withChecksum } from "../tus-checksum.ts";
import { defineRoute, type Route } from "../route.ts";

/** Resumable uploads: tus 1.0 with creation, termination, checksum and expiration. Metadata names the file and its SHA-256. */
const base = "/api/v1/apps/:app/uploads";
const MAX_UPLOAD_BYTES = 1024 ** 4;
const TUS = { "tus-resumable": "1.0.0", "cache-control": "no-store" };

export const uploadRoutes: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/api/v1/apps/:app/have",
    summary: "Which of these digests need no upload",
    needs: "publish",
    body: haveSchema,
    answer: haveAnswerSchema,
    async handle({ instance, caller, params, body }) {
      const held = await have(instance, caller, params["app"] ?? "", body.digests.map(parseSha256));
      return { have: held.map((digest) => `sha256:${digest}`) };
    },
  }),
  defineRoute({
    method: "OPTIONS",
    path: base,
    summary: "What this tus server can do",
    needs: "anyone",
    handle: async () =>
      new Response(null, {
        status: 204,
        headers: {
          ...TUS,
          "tus-version": "1.0.0",
          "tus-extension": "creation,termination,checksum,expiration",
          "tus-checksum-algorithm": "sha256,sha1,md5",
          "tus-max-size": String(MAX_UPLOAD_BYTES),
        },
      }),
  }),
  defineRoute({
    method: "POST",
    path: base,
    summary: "Begin an upload, or find the unfinished one (tus creation)",
    needs: "publish",
    async handle({ instance, receiver, caller, params, request }) {
      requireVersion(request);
      const size = wholeNumber(request, "upload-length");
      if (size > MAX_UPLOAD_BYTES) throw new DistError("upload/too-large", `an upload has at most ${MAX_UPLOAD_BYTES} bytes`);
      const { fileName, sha256 } = uploadMetadata(request);
      const upload = await createUpload(instance, caller, params["app"] ?? "", { fileName, sha256, size }, receiver.isBusy);
      // Nothing will follow the announcement of an empty file, so it ends here.
      const offset = size === 0 ? await receiver.receive(caller, upload, 0, noBytes()) : await receiver.offset(upload);
      const location = `${instance.baseUrl}/api/v1/apps/${params["app"]}/uploads/${upload.id}`;
      return new Response(null, {
        status: 201,
        headers: { ...TUS, location, "upload-offset": String(offset), "upload-expires": new Date(upload.expires_at).toUTCString() },
      });
    },
  }),
  defineRoute({
    method: "HEAD",
    path: `${base}/:upload`,
    summary: "How far an upload is (tus)",
    needs: "publish",
    async handle({ instance, receiver, principal, params }) {
      const upload = await openUpload(instance, principal, params["app"] ?? "", params["upload"] ?? "");
      const offset = await receiver.offset(upload);
      return new Response(null, {
        headers: {
          ...TUS,
          "upload-offset": String(offset),
          "upload-length": String(upload.size),
          "upload-expires": new Date(upload.expires_at).toUTCString(),
        },
      });
    },
  }),
  defineRoute({
    method: "PATCH",
    path: `${base}/:upload`,
    summary: "Send bytes (tus); with the last one the digest is checked and the facts are read",
    needs: "publish",
    async handle({ instance, receiver, caller, principal, params, request }) {
      requireVersion(request);
      if (request.headers.get("content-type") !== "application/offset+octet-stream") {
        throw new DistError("usage/invalid", "the content type of an upload is application/offset+octet-stream");
      }
      const upload = await openUpload(instance, principal, params["app"] ?? "", params["upload"] ?? "");
      const body = request.body ?? noBytes();
      const offset = await receiver.receive(
        caller,
        upload,
        wholeNumber(request, "upload-offset"),
        withChecksum(body, request.headers.get("upload-checksum")),
      );
      return new Response(null, { status: 204, headers: { ...TUS, "upload-offset": String(offset) } });
    },
  }),
  defineRoute({
    method: "DELETE",
    path: `${base}/:upload`,
    summary: "Give an upload up (tus termination)",
    needs: "publish",
    async handle({ instance, receiver, principal, params }) {
      const upload = await openUpload(instance, principal, params["app"] ?? "", params["upload"] ?? "");
      if (receiver.isBusy(upload.id)) throw new DistError("upload/busy", `upload '${upload.id}' is being written by another request`);
      await dropUpload(instance, upload.id);
      return new Response(null, { status: 204, headers: TUS });
    },
  }),
];

/** A client of another version must be told before anything happens; one that names none is taken to speak 1.0. */
function requireVersion(request: Request): void {
  const version = request.headers.get("tus-resumable");
  if (version !== null && version !== TUS["tus-resumable"])
    throw new DistError("upload/unsupported-version", `tus ${version.slice(0, 20)} is not spoken here`);
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

function wholeNumber(request: Request, header: string): number {
  const text = request.headers.get(header) ?? "";
  if (!/^[0-9]{1,15}$/.test(text))
    throw new DistError("usage/invalid", `the header ${header} is '${text.slice(0, 40)}', not a number of bytes`);
  return Number(text);
}

/** `Upload-Metadata: filename BASE64,sha256 BASE64`, the digest as hexadecimal text. */
function uploadMetadata(request: Request): { fileName: string; sha256: Sha256 } {
  const pairs = (request.headers.get("upload-metadata") ?? "").split(",").map((pair) => pair.trim().split(" "));
  const metadata = new Map(pairs.map(([key = "", value = ""]) => [key, decodeUtf8(Buffer.from(value, "base64"))]));
  const sha256 = metadata.get("sha256") ?? "";
  const fileName = metadata.get("filename") ?? "";
  if (!isSha256(sha256)) throw new DistError("usage/invalid", "Upload-Metadata lacks sha256: 64 hexadecimal digits, in base64");
  return { fileName, sha256 };
}
