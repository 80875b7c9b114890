import { ANONYMOUS, DistError, type Principal } from "@distd/core";
import { FEEDS } from "@distd/feeds";
import type { FeedFiles } from "../delivery/feed-files.ts";
import { decodePath } from "./decode-path.ts";
import { answerGraphql, type ReadReleases } from "./github-graphql.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { readJson } from "./read-json.ts";

/** Clients of GitHub can be given a host, and know the rest: GitHub Enterprise's paths, Forgejo's, and those of a host only for the API. */
const API_PATHS = ["/api/v3", "/api/v1", ""];
const DOWNLOAD_PATH = "/:repository/:app/releases/download/:tag/:file";
const BYTES = "application/octet-stream";
/** Forgejo's downloads: REPOSITORY.APP.ASSET. */
const ATTACHMENT_PATH = "/attachments/:attachment";
const GRAPHQL_PATHS = ["/api/graphql", "/graphql"];

/** What a request means: a repository, and a path in its feed. */
interface Wanted {
  readonly repository: string;
  readonly path: string;
  /** Instead of what the request says. */
  readonly accept?: string;
}

/** The feed `github` where its clients look for it; an owner is a repository. */
export function githubRoutes(context: HttpContext, files: FeedFiles): Record<string, Handler> {
  const reads = (pattern: string, wantedBy: (path: string) => Wanted): [string, Handler] => [
    pattern,
    withProblems(context, pattern, (request) => answer(context, files, request, wantedBy)),
  ];
  const graphql: Handler = async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
    const { value } = await readJson(request);
    return answerGraphql(value, readerFor(context, files, request));
  };
  return Object.fromEntries([
    ...API_PATHS.flatMap((prefix) =>
      [`${prefix}/repos/:repository/:app`, `${prefix}/repos/:repository/:app/*`].map((pattern) =>
        reads(pattern, (path) => wantedOf(path.slice(prefix.length))),
      ),
    ),
    reads(ATTACHMENT_PATH, (path) => {
      const [repository = "", app = "", asset = ""] = segment(path, 1).split(".");
      return { repository, path: `repos/${repository}/${app}/releases/assets/${asset}`, accept: BYTES };
    }),
    reads(DOWNLOAD_PATH, (path) => ({ repository: segment(path, 0), path })),
    ...GRAPHQL_PATHS.map((path) => [path, withProblems(context, path, graphql)] as const),
  ]);
}

/** `repos/OWNER/APP/…` */
function wantedOf(path: string): Wanted {
  return { repository: segment(path, 1), path };
}

function segment(path: string, index: number): string {
  return path.split("/")[index] ?? "";
}

async function answer(context: HttpContext, files: FeedFiles, request: Request, wantedBy: (path: string) => Wanted): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  const url = new URL(request.url);
  const wanted = wantedBy(decodePath(url.pathname.slice(1)));
  const response = await respond(context, files, wanted.accept === undefined ? request : accepting(request, wanted.accept), wanted);
  if (/\/releases\/assets\/\d+$/.test(wanted.path)) response.headers.set("vary", "accept");
  // All there is stands on the first page; who asks for pages until one is empty comes to an end.
  const isLater = wanted.path.endsWith("/releases") && Number(url.searchParams.get("page") ?? 1) > 1;
  return isLater && response.ok ? Response.json([], { headers: { "cache-control": "no-cache" } }) : response;
}

/** gh has a token for every host, if only an invented one: what is open to everyone does not ask whether it is good. */
async function respond(
  { authenticator }: HttpContext,
  files: FeedFiles,
  request: Request,
  { repository, path }: Wanted,
): Promise<Response> {
  const feed = FEEDS.find(({ id }) => id === "github");
  if (!feed) throw new Error("there is no feed 'github'");
  let refused: unknown;
  let principal: Principal = ANONYMOUS;
  try {
    principal = await authenticator.authenticate(asBearer(request.headers.get("authorization")));
  } catch (error) {
    refused = error;
  }
  try {
    return await files.respond(request, principal, feed, repository, path);
  } catch (error) {
    throw error instanceof DistError && error.code === "auth/required" ? (refused ?? error) : error;
  }
}

function accepting(request: Request, type: string): Request {
  const headers = new Headers(request.headers);
  headers.set("accept", type);
  return new Request(request.url, { method: request.method, headers });
}

/** GitHub's clients write `token TOKEN`. */
function asBearer(authorization: string | null): string | null {
  return authorization?.replace(/^token +/i, "Bearer ") ?? null;
}

/** A repository's releases as whoever sent the request may see them; undefined where he sees none. */
function readerFor(context: HttpContext, files: FeedFiles, request: Request): ReadReleases {
  return async (owner, app, which) => {
    const authorization = request.headers.get("authorization");
    const headers = authorization === null ? {} : { authorization };
    const asked = new Request(request.url, { headers });
    try {
      const response = await respond(context, files, asked, wantedOf(`repos/${owner}/${app}/${which}`));
      return response.ok ? await response.json() : undefined;
    } catch (error) {
      if (error instanceof DistError && (error.code === "feed/not-found" || error.code === "repository/not-found")) return undefined;
      throw error;
    }
  };
}
