import type { Capabilities } from "../auth/capability.ts";
import type { Files } from "../delivery/files.ts";
import { readIcon, viewApp, viewApps, viewChannel, viewRelease } from "../delivery/page-views.ts";
import type { Visitor } from "../delivery/visitor.ts";
import type { Visit } from "../pages/visit.ts";
import { asVisitor } from "./as-visitor.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { iconResponse, manifestResponse } from "./ota-responses.ts";
import { createPageCache, pageKey, whatIsSaid } from "./page-cache.ts";
import { readOnly } from "./read-only.ts";

/** Loaded with the first page that is asked for: updaters and CI ask for none. */
const loadPages = () => import("../pages/index.ts");
type Params = Readonly<Record<string, string>>;

/** How old a page may be that says how old a release is. */
const KEPT_MS = 30_000;
/** How long a personal link may go on opening a page after it was taken back by another process. */
const KEPT_PERSONAL_MS = 2_000;

export interface PageRoutes {
  readonly routes: Readonly<Record<string, Handler>>;
  readonly channelPage: Handler;
  /** Call after every change. */
  forget(): void;
}

/** Pages for people. No operation here writes, but for what somebody says of himself, which he keeps. */
export function pageRoutes(context: HttpContext, files: Files, capabilities: Capabilities): PageRoutes {
  const { instance } = context;
  const cache = createPageCache(instance.now);
  const page = (path: string, show: (visit: Visit, visitor: Visitor, params: Params) => Promise<Response>): Handler => {
    const render = readOnly(context, path, async (request) => {
      const { readVisit, rememberChoice } = await loadPages();
      const chosen = rememberChoice(request);
      if (chosen) return chosen;
      const visit = readVisit(request, instance.baseUrl, instance.now());
      const said = whatIsSaid(request);
      return asVisitor(context, capabilities, request, (visitor, { secret, until }) => {
        const shown = (): Promise<Response> => show(visit, visitor, request.params);
        if (said === undefined) return shown();
        const kept = instance.now() + (secret === "" ? KEPT_MS : KEPT_PERSONAL_MS);
        return cache.render(said, pageKey(visit, secret), Math.min(kept, until), shown);
      });
    });
    // What many people look at is in memory: no log line, no request id, nothing to wait for.
    return (request) => {
      const said = whatIsSaid(request);
      return (said === undefined ? undefined : cache.recall(said)) ?? render(request);
    };
  };

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
    forget: cache.forget,
  };
}
