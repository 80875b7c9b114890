import { DistError } from "@distd/core";
import type { ImageBuild, ImageProgress, ImagePull, ImageState, RegistryCredentials } from "../image.ts";
import { openBuildContext } from "./build-context.ts";
import type { EngineCall, EngineClient } from "./engine-client.ts";
import { imageError } from "./engine-error.ts";
import { readJsonLines } from "./json-lines.ts";
import { knownTime } from "./known-time.ts";

/** `GET /images/{name}/json`, as far as it is read. */
interface EngineImage {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Created?: string;
  readonly Size?: number;
  readonly Os?: string;
  readonly Architecture?: string;
  readonly Variant?: string;
  readonly Config?: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly User?: string;
    readonly WorkingDir?: string;
  } | null;
}

/** A line of what a pull or a build says. */
interface EngineProgress {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/** An Engine without a builder, or a proxy before it that lets nobody build. */
const NO_BUILDER = {
  403: "runtime/builder-unavailable",
  404: "runtime/builder-unavailable",
  405: "runtime/builder-unavailable",
  501: "runtime/builder-unavailable",
} as const;

export async function inspectImage(client: EngineClient, image: string): Promise<ImageState> {
  const found = await client.json<EngineImage>({
    method: "GET",
    path: `/images/${encodeURIComponent(image)}/json`,
    refusals: { 400: "runtime/image-not-found", 404: "runtime/image-not-found" },
  });
  const { Config, Os, Architecture, Variant } = found;
  return {
    id: found.Id,
    references: found.RepoTags ?? [],
    digests: found.RepoDigests ?? [],
    labels: Config?.Labels ?? {},
    platform: Os && Architecture ? [Os, Architecture, Variant].filter(Boolean).join("/") : null,
    createdAt: knownTime(found.Created),
    sizeBytes: found.Size ?? null,
    entrypoint: Config?.Entrypoint ?? null,
    command: Config?.Cmd ?? null,
    environment: Object.fromEntries((Config?.Env ?? []).map(splitVariable)),
    user: Config?.User || null,
    workingDirectory: Config?.WorkingDir || null,
  };
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export async function pullImage(client: EngineClient, { reference, platform, credentials, onProgress, signal }: ImagePull): Promise<void> {
  const { name, tag } = splitReference(reference);
  const headers: Record<string, string> =
    credentials === undefined ? {} : { "x-registry-auth": encode(renderCredentials(registryOf(name), credentials)) };
  const query = { fromImage: name, tag, platform };
  await follow(client, { method: "POST", path: "/images/create", query, headers, signal }, "runtime/failed", onProgress);
  // An image for one platform alone is pulled whatever was asked for.
  const { platform: got } = platform === undefined ? { platform: null } : await inspectImage(client, reference);
  if (platform !== undefined && got !== null && !`${got}/`.startsWith(`${platform}/`) && !`${platform}/`.startsWith(`${got}/`))
    throw new DistError("runtime/unsupported-platform", `${reference} is for ${got}: expected ${platform}`);
}

export async function buildImage(client: EngineClient, build: ImageBuild): Promise<string> {
  const { dockerfile = "Dockerfile", credentials = {} } = build;
  const content = await openBuildContext(build.context, dockerfile);
  const query = {
    dockerfile,
    t: build.reference,
    buildargs: JSON.stringify(build.arguments ?? {}),
    labels: JSON.stringify(build.labels ?? {}),
    target: build.target,
    platform: build.platform,
    nocache: build.isUncached === true ? "true" : undefined,
    rm: "true",
    forcerm: "true",
    version: "1",
  };
  const headers = {
    "content-type": "application/x-tar",
    "x-registry-config": encode(Object.fromEntries(Object.entries(credentials).map(([host, one]) => [host, renderCredentials(host, one)]))),
  };
  const call = { method: "POST", path: "/build", query, headers, content, signal: build.signal, refusals: NO_BUILDER } as const;
  await follow(client, call, "runtime/build-failed", build.onProgress);
  return (await inspectImage(client, build.reference)).id;
}

/** Reads progress to its end, where an error may stand although the status was good. */
async function follow(
  client: EngineClient,
  call: EngineCall,
  otherwise: "runtime/failed" | "runtime/build-failed",
  onProgress: ((progress: ImageProgress) => void) | undefined,
): Promise<void> {
  try {
    for await (const value of readJsonLines(client.bytes(call))) {
      const { error, stream, status, id, progressDetail } = value as EngineProgress;
      if (error !== undefined) throw imageError(error, otherwise);
      const text = stream ?? status;
      if (text !== undefined)
        // The Engine also gives a tag as an id, where there is no progress.
        onProgress?.({
          text,
          layer: progressDetail === undefined ? null : (id ?? null),
          doneBytes: progressDetail?.current ?? null,
          totalBytes: progressDetail?.total ?? null,
        });
    }
  } catch (error) {
    throw error instanceof DistError && error.code === "runtime/failed" ? imageError(error.message, otherwise) : error;
  }
}

function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const digest = reference.indexOf("@");
  if (digest !== -1) return { name: reference.slice(0, digest).replace(/:[^/]*$/, ""), tag: reference.slice(digest + 1) };
  const colon = reference.lastIndexOf(":");
  // A colon before a slash is a port.
  return colon > reference.lastIndexOf("/")
    ? { name: reference.slice(0, colon), tag: reference.slice(colon + 1) }
    : { name: reference, tag: "latest" };
}

/** Without a host it is Docker Hub, under the name it had first. */
function registryOf(name: string): string {
  const [first = "", ...rest] = name.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "https://index.docker.io/v1/";
}

function renderCredentials(host: string, credentials: RegistryCredentials): unknown {
  return "identityToken" in credentials
    ? { identitytoken: credentials.identityToken, serveraddress: host }
    : { username: credentials.username, password: credentials.password, serveraddress: host };
}

/** Base64 with the letters of addresses and with padding, which the Engine wants. */
function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
