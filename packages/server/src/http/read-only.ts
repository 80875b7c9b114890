import type { DistError } from "@distd/core";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { problemResponse } from "./problem-response.ts";

/** What people and programs read: no operation behind it writes, and a failure is a page for whoever reads HTML. */
export function readOnly(context: HttpContext, path: string, handler: Handler): Handler {
  return withProblems(
    context,
    path,
    async (request) =>
      request.method === "GET" || request.method === "HEAD"
        ? handler(request)
        : new Response(null, { status: 405, headers: { allow: "GET, HEAD" } }),
    pageOrProblem(context),
  );
}

/** Who reads HTML gets a page, programs get a problem. */
export function pageOrProblem({ instance }: HttpContext): (error: DistError, requestId: string, request: Request) => Promise<Response> {
  return async (error, requestId, request) => {
    if (request.headers.get("accept")?.includes("text/html") !== true) return problemResponse(error, requestId);
    const { errorPage, readVisit, rememberChoice } = await import("../pages/index.ts");
    const chosen = rememberChoice(request);
    if (chosen) return chosen;
    return errorPage(readVisit(request, instance.baseUrl, instance.now()), error);
  };
}
