import { type Feed, FEEDS } from "@distd/feeds";
import type { FeedFiles } from "../delivery/feed-files.ts";
import { decodePath } from "./decode-path.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { answerSelf, findPush } from "./push/index.ts";

/** Beside the list of a generation's files, which is part of the API. */
const FILE_PATH = "/api/v1/repositories/:repository/files/:file";

/** The addresses of all feeds: `/FEED/REPOSITORY/…`. */
export function feedRoutes(context: HttpContext, files: FeedFiles): Record<string, Handler> {
  const byId: Handler = async (request) => {
    const principal = await context.authenticator.authenticate(request.headers.get("authorization"));
    if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    const { repository = "", file = "" } = request.params;
    return files.respondWithFile(request, principal, repository, /^[0-9]{1,15}$/.test(file) ? Number(file) : -1);
  };
  return Object.fromEntries([
    [FILE_PATH, withProblems(context, FILE_PATH, byId)],
    ...FEEDS.map((feed) => {
      const pattern = `/${feed.id}/:repository/*`;
      return [pattern, askingForCredentials(withProblems(context, pattern, (request) => answer(context, files, feed, request)))] as const;
    }),
  ]);
}

async function answer(
  { authenticator, instance }: HttpContext,
  files: FeedFiles,
  feed: Feed,
  request: Parameters<Handler>[0],
): Promise<Response> {
  const principal = await authenticator.authenticate(request.headers.get("authorization"));
  const { repository = "" } = request.params;
  // A scope's slash may be written `%2f`.
  const path = decodePath(new URL(request.url).pathname.slice(`/${feed.id}/${repository}/`.length));
  const self = answerSelf(feed.id, path, principal);
  if (self) return self;
  if (request.method === "GET" || request.method === "HEAD") return files.respond(request, principal, feed, repository, path);
  const push = findPush(feed.id);
  if (!push) return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  return push({ instance, caller: { principal }, request, repository, path });
}

/** Package managers send a token as a password; some only when asked. */
function askingForCredentials(handler: Handler): Handler {
  return async (request) => {
    const response = await handler(request);
    if (response.status === 401) response.headers.set("www-authenticate", 'Basic realm="distd", Bearer realm="distd"');
    return response;
  };
}
