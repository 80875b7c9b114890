import { createHash } from "node:crypto";
import { ADMIN_TOKEN } from "./server.ts";

/** Plain requests to a server, as somebody. */
export interface ApiCaller {
  (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export function caller(url: string, token: string | undefined = ADMIN_TOKEN): ApiCaller {
  return (method, path, body, headers = {}) =>
    fetch(path.startsWith("http") ? path : url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

export function digestOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function uploadHeaders(bytes: string, name = "file.bin", digest = digestOf(bytes)): Record<string, string> {
  const metadata = { filename: name, sha256: digest };
  return {
    "tus-resumable": "1.0.0",
    "upload-length": String(Buffer.byteLength(bytes)),
    "upload-metadata": Object.entries(metadata)
      .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
      .join(","),
  };
}

export async function upload(call: ApiCaller, app: string, bytes: string, name = "file.bin"): Promise<string> {
  const begun = await call("POST", `/api/v1/apps/${app}/uploads`, undefined, uploadHeaders(bytes, name));
  if (begun.status !== 201) throw new Error(await begun.text());
  // An empty file is complete when it is announced.
  if (bytes === "") return `sha256:${digestOf("")}`;
  const sent = await sendBytes(call, begun.headers.get("location") ?? "", bytes, 0);
  if (sent.status !== 204) throw new Error(await sent.text());
  return `sha256:${digestOf(bytes)}`;
}

export async function sendBytes(
  call: ApiCaller,
  location: string,
  bytes: string,
  offset: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  // `caller` encodes bodies as JSON; bytes go beside it.
  const probe = await call("HEAD", location);
  return fetch(probe.url, {
    method: "PATCH",
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
      ...headers,
    },
    body: bytes,
  });
}

export interface PublishedFile {
  readonly release: { id: string; version: string; artifacts: { id: string; url: string; digest: string }[] };
  readonly url: string;
}

/** Publishes files of one release through the API. */
export async function publishFiles(
  call: ApiCaller,
  app: string,
  version: string,
  files: Readonly<Record<string, string>>,
): Promise<PublishedFile> {
  const draft = (await (await call("POST", `/api/v1/apps/${app}/releases`, { version })).json()) as { id: string };
  const artifacts = [];
  for (const [name, bytes] of Object.entries(files)) {
    const digest = await upload(call, app, bytes, name);
    artifacts.push({
      name,
      digest,
      platform: "any",
      variant: name
        .toLowerCase()
        .replace(/[^a-z0-9.]/g, "-")
        .slice(0, 30),
    });
  }
  const attached = await call("POST", `/api/v1/apps/${app}/releases/${draft.id}/artifacts`, { artifacts });
  if (attached.status !== 200) throw new Error(await attached.text());
  const release = (await (await call("POST", `/api/v1/apps/${app}/releases/${draft.id}/publish`)).json()) as PublishedFile["release"];
  return { release, url: release.artifacts[0]?.url ?? "" };
}
