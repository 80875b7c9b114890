import type { DistError } from "@distd/core";
import type { Principal } from "@distd/core";
import type { Files } from "../delivery/files.ts";
import { iconPath } from "../delivery/icon-path.ts";
import { otaManifest } from "../delivery/ota-manifest.ts";
import { readIcon, viewApp, viewApps, viewArtifact, viewChannel, viewRelease } from "../delivery/page-views.ts";
import type { Visit } from "../pages/visit.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { problemResponse } from "./problem-response.ts";

/** Loaded with the first page that is asked for: updaters and CI ask for none. */
const loadPages = () => import("../pages/index.ts");
type Params = Readonly<Record<string, string>>;

/** Pages for people. No operation here writes, but for what somebody says of himself, which he keeps. */
export function pageRoutes(
  context: HttpContext,
  files: Files,
): { readonly routes: Record<string, Handler>; readonly channelPage: Handler } {
  const { instance, authenticator } = context;
  const page = (path: string, show: (visit: Visit, principal: Principal, params: Params) => Promise<Response>): Handler =>
    withProblems(
      context,
      path,
      async (request) => {
        if (request.method !== "GET" && request.method !== "HEAD")
          return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
        const { readVisit, rememberChoice } = await loadPages();
        const chosen = rememberChoice(request);
        if (chosen) return chosen;
        const principal = await authenticator.authenticate(request.headers.get("authorization"));
        return show(readVisit(request, instance.baseUrl, instance.now()), principal, request.params);
      },
      pageOrProblem(context),
    );

  const routes: Record<string, Handler> = {
    "/": page("/", async (visit, principal) => (await loadPages()).appsPage(visit, await viewApps(instance, principal))),
    "/a/:app": page("/a/:app", async (visit, principal, { app = "" }) =>
      (await loadPages()).appPage(visit, await viewApp(instance, principal, app)),
    ),
    "/a/:app/releases/:version": page("/a/:app/releases/:version", async (visit, principal, { app = "", version = "" }) =>
      (await loadPages()).releasePage(visit, await viewRelease(instance, principal, app, version)),
    ),
    "/a/:app/ios/:artifact/manifest.plist": withProblems(context, "/a/:app/ios/:artifact/manifest.plist", async (request) => {
      const { app = "", artifact = "" } = request.params;
      const principal = await authenticator.authenticate(request.headers.get("authorization"));
      const { row, icon } = await viewArtifact(instance, files, principal, app, artifact);
      return new Response(otaManifest(instance, app, row, icon && iconPath(app, icon)), { headers: MANIFEST_HEADERS });
    }),
    "/a/:app/icon/:file": withProblems(context, "/a/:app/icon/:file", async (request) => {
      const { app = "", file = "" } = request.params;
      const principal = await authenticator.authenticate(request.headers.get("authorization"));
      const digest = /^([0-9a-f]{64})\.png$/.exec(file)?.[1];
      const icon = digest === undefined ? undefined : await readIcon(instance, principal, app, digest);
      if (icon === undefined) return new Response(null, { status: 404 });
      return new Response(icon, { headers: ICON_HEADERS });
    }),
  };
  return {
    routes,
    channelPage: page("/a/:app/:channel", async (visit, principal, { app = "", channel = "" }) =>
      (await loadPages()).channelPage(visit, await viewChannel(instance, principal, app, channel)),
    ),
  };
}

const MANIFEST_HEADERS = {
  "content-type": "application/xml; charset=utf-8",
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
};

/** Of these bytes there is one icon for good; who may not see the app any more keeps what he has. */
const ICON_HEADERS = {
  "content-type": "image/png",
  "cache-control": "private, max-age=31536000, immutable",
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

/** Who reads HTML gets a page, programs get a problem. */
export function pageOrProblem({ instance }: HttpContext): (error: DistError, requestId: string, request: Request) => Promise<Response> {
  return async (error, requestId, request) => {
    if (request.headers.get("accept")?.includes("text/html") !== true) return problemResponse(error, requestId);
    const { errorPage, readVisit } = await loadPages();
    return errorPage(readVisit(request, instance.baseUrl, instance.now()), error);
  };
}
