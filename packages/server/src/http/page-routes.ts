import type { Capabilities } from "../auth/capability.ts";
import type { Files } from "../delivery/files.ts";
import { readIcon, viewApp, viewApps, viewChannel, viewRelease } from "../delivery/page-views.ts";
import type { Visitor } from "../delivery/visitor.ts";
import type { Visit } from "../pages/visit.ts";
import { asVisitor } from "./as-visitor.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { iconResponse, manifestResponse } from "./ota-responses.ts";
import { readOnly } from "./read-only.ts";

/** Loaded with the first page that is asked for: updaters and CI ask for none. */
const loadPages = () => import("../pages/index.ts");
type Params = Readonly<Record<string, string>>;

/** Pages for people. No operation here writes, but for what somebody says of himself, which he keeps. */
export function pageRoutes(
  context: HttpContext,
  files: Files,
  capabilities: Capabilities,
): { readonly routes: Record<string, Handler>; readonly channelPage: Handler } {
  const { instance } = context;
  const page = (path: string, show: (visit: Visit, visitor: Visitor, params: Params) => Promise<Response>): Handler =>
    readOnly(context, path, async (request) => {
      const { readVisit, rememberChoice } = await loadPages();
      const chosen = rememberChoice(request);
      if (chosen) return chosen;
      return asVisitor(context, capabilities, request, (visitor) =>
        show(readVisit(request, instance.baseUrl, instance.now()), visitor, request.params),
      );
    });

  const routes: Record<string, Handler> = {
    "/": page("/", async (visit, { principal }) => (await loadPages()).appsPage(visit, await viewApps(instance, principal))),
    "/a/:app": page("/a/:app", async (visit, visitor, { app = "" }) =>
      (await loadPages()).appPage(visit, await viewApp(instance, visitor, app)),
    ),
    "/a/:app/releases/:version": page("/a/:app/releases/:version", async (visit, visitor, { app = "", version = "" }) =>
      (await loadPages()).releasePage(visit, await viewRelease(instance, visitor, app, version)),
    ),
    "/a/:app/ios/:artifact/manifest.plist": withProblems(context, "/a/:app/ios/:artifact/manifest.plist", async (request) => {
      const { app = "", artifact = "" } = request.params;
      return asVisitor(context, capabilities, request, (visitor) =>
        manifestResponse(instance, files, capabilities, visitor, app, artifact),
      );
    }),
    "/a/:app/icon/:file": withProblems(context, "/a/:app/icon/:file", async (request) => {
      const { app = "", file = "" } = request.params;
      const digest = /^([0-9a-f]{64})\.png$/.exec(file)?.[1];
      return asVisitor(context, capabilities, request, async ({ principal }) =>
        iconResponse(digest === undefined ? undefined : await readIcon(instance, principal, app, digest)),
      );
    }),
  };
  return {
    routes,
    channelPage: page("/a/:app/:channel", async (visit, visitor, { app = "", channel = "" }) =>
      (await loadPages()).channelPage(visit, await viewChannel(instance, visitor, app, channel)),
    ),
  };
}
