import { ANONYMOUS, DistError, type Principal } from "@distd/core";
import type { ReleasedImages } from "../../delivery/released-images.ts";
import type { SmallBlobs } from "../../delivery/small-blobs.ts";
import { describeError } from "../../log.ts";
import { createImageUploads } from "../../service/images/image-uploads.ts";
import { parseImageName } from "../../service/images/images.ts";
import { decodePath } from "../decode-path.ts";
import type { Handler, HttpContext } from "../mount.ts";
import { answerBlob, answerManifest, answerReferrers, answerTags } from "./pull.ts";
import { answerUpload, answerUploads, putManifest, removeBlob, removeManifest } from "./push.ts";
import type { RegistryContext, RegistryRequest } from "./registry-context.ts";
import { parseRegistryPath, type RegistryPath } from "./registry-path.ts";
import { registryProblem } from "./registry-problem.ts";

const PREFIX = "/v2/";
const TOKEN_PATH = "/v2/token";
/** What a token given to nobody in particular is called: clients want one before they ask for what is open. */
const NOBODY = "anonymous";
const TOKEN_SECONDS = 300;

/** The OCI distribution API: pulling what releases hold, pushing to apps. */
export function registryRoutes(
  context: HttpContext,
  delivery: { readonly images: ReleasedImages; readonly small: SmallBlobs },
): Record<string, Handler> {
  const registry: RegistryContext = { ...context, ...delivery, uploads: createImageUploads(context.instance) };
  const handler: Handler = async (request) => {
    const url = new URL(request.url);
    const response = await answer(registry, request, url).catch((thrown: unknown) => {
      const { error, response: problem } = registryProblem(thrown);
      if (problem.status >= 500)
        context.instance.log("error", error.message, { path: url.pathname, code: error.code, error: describeError(thrown) });
      return problem;
    });
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    if (response.status === 401) response.headers.set("www-authenticate", challenge(context, url, request.method));
    context.metrics.countRequest("/v2/*", response.status);
    return response;
  };
  return { "/v2": handler, "/v2/": handler, [TOKEN_PATH]: withToken(registry), "/v2/*": handler };
}

async function answer(registry: RegistryContext, request: Request, url: URL): Promise<Response> {
  const path = parseRegistryPath(decodePath(url.pathname.slice(PREFIX.length)));
  if (!path) throw new DistError("route/not-found", `there is nothing at ${url.pathname.slice(0, 200)}`);
  const authorization = request.headers.get("authorization");
  const principal = await principalOf(registry, authorization);
  if (path.kind === "base") {
    // Clients learn here how to sign in; who sent nothing is told, also when what he wants next is open.
    if (authorization === null) throw new DistError("auth/required", "sign in, or ask for a token for what is open");
    return Response.json({});
  }
  const name = parseImageName(path.name);
  if (!name) throw new DistError("app/not-found", `'${path.name.slice(0, 100)}' is not the name of an image`);
  return dispatch(registry, { request, url, principal, name }, path);
}

async function dispatch(
  registry: RegistryContext,
  asked: RegistryRequest,
  path: Exclude<RegistryPath, { kind: "base" }>,
): Promise<Response> {
  const { method } = asked.request;
  const isRead = method === "GET" || method === "HEAD";
  switch (path.kind) {
    case "uploads":
      if (method === "POST") return answerUploads(registry, asked);
      break;
    case "upload":
      return answerUpload(registry, asked, path.upload);
    case "blob":
      if (isRead) return answerBlob(registry, asked, path.digest);
      if (method === "DELETE") return removeBlob(registry, asked, path.digest);
      break;
    case "manifest":
      if (isRead) return answerManifest(registry, asked, path.reference);
      if (method === "PUT") return putManifest(registry, asked, path.reference);
      if (method === "DELETE") return removeManifest(registry, asked, path.reference);
      break;
    case "tags":
      if (isRead) return answerTags(registry, asked);
      break;
    case "referrers":
      if (isRead) return answerReferrers(registry, asked, path.digest);
      break;
  }
  return new Response(null, { status: 405 });
}

function principalOf({ authenticator }: HttpContext, authorization: string | null): Promise<Principal> {
  return authorization === `Bearer ${NOBODY}` ? Promise.resolve(ANONYMOUS) : authenticator.authenticate(authorization);
}

/** Docker's way to sign in: user and token are shown once, and what comes back is sent from then on. It is the token itself. */
function withToken({ authenticator, metrics }: HttpContext): Handler {
  return async (request) => {
    const authorization = request.headers.get("authorization");
    try {
      await authenticator.authenticate(authorization);
    } catch (thrown) {
      const { response } = registryProblem(thrown);
      metrics.countRequest(TOKEN_PATH, response.status);
      return response;
    }
    metrics.countRequest(TOKEN_PATH, 200);
    const token = authorization === null ? NOBODY : passwordOf(authorization);
    return Response.json({ token, access_token: token, expires_in: TOKEN_SECONDS }, { headers: { "cache-control": "no-store" } });
  };
}

function passwordOf(authorization: string): string {
  const [scheme = "", value = ""] = authorization.split(" ");
  if (scheme.toLowerCase() !== "basic") return value;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

function challenge({ instance }: HttpContext, url: URL, method: string): string {
  const { host } = new URL(instance.baseUrl);
  const path = parseRegistryPath(url.pathname.slice(PREFIX.length));
  const actions = method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "pull,push";
  const scope = path && "name" in path ? `,scope="repository:${path.name}:${actions}"` : "";
  return `Bearer realm="${instance.baseUrl}${TOKEN_PATH}",service="${host}"${scope}`;
}
