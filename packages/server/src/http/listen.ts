import { DistError } from "@distd/core";
import { createCapabilities } from "../auth/capability.ts";
import { createChannelDocuments } from "../delivery/channel-documents.ts";
import { createFeedFiles } from "../delivery/feed-files.ts";
import { createFiles } from "../delivery/files.ts";
import { createReleasedImages } from "../delivery/released-images.ts";
import { createSmallBlobs } from "../delivery/small-blobs.ts";
import { VERSION } from "../version.ts";
import { deliveryRoutes, HOT_PATH } from "./delivery-routes.ts";
import { feedRoutes } from "./feed-routes.ts";
import { githubRoutes } from "./github-aliases.ts";
import { type Handler, type HttpContext, mountRoutes, withProblems } from "./mount.ts";
import { pageRoutes } from "./page-routes.ts";
import { pageOrProblem } from "./read-only.ts";
import { registryRoutes } from "./registry/registry-routes.ts";
import { renderOpenApi } from "./openapi.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { testerRoutes } from "./tester-routes.ts";
import { API_ROUTES } from "./routes/index.ts";

/** Seconds a connection may be silent before a request head is whole: who dribbles it is cut. */
const HEAD_IDLE_SECONDS = 10;
/** Seconds a transfer, or a handler at work, may be silent. */
const WORK_IDLE_SECONDS = 255;
const DRAIN_POLL_MS = 20;

export interface Listener {
  readonly port: number;
  /** Drops everything remembered about the database. */
  forget(): void;
  /** Takes no new requests; resolves when those under way have ended, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

function withTimeToWork(handler: Handler): (request: Bun.BunRequest, server: Bun.Server<unknown>) => Response | Promise<Response> {
  return (request, server) => {
    server.timeout(request, WORK_IDLE_SECONDS);
    return handler(request);
  };
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly gauges: () => Promise<Readonly<Record<string, number>>>;
}

export function listen(context: HttpContext, options: ListenOptions): Listener {
  const { instance, metrics, authenticator } = context;
  const files = createFiles(instance);
  const documents = createChannelDocuments(instance);
  const small = createSmallBlobs(instance.blobs);
  const feeds = createFeedFiles(instance, small);
  const images = createReleasedImages(instance, feeds);
  const own: Record<string, Handler> = {
    "/api/v1/openapi.json": withProblems(context, "/api/v1/openapi.json", async () =>
      Response.json(renderOpenApi(API_ROUTES, { version: VERSION, baseUrl: instance.baseUrl })),
    ),
    "/metrics": withProblems(
      context,
      "/metrics",
      async () =>
        new Response(metrics.render(await options.gauges()), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } }),
    ),
  };
  const nothing = withProblems(
    context,
    "*",
    async (request) => {
      throw new DistError("route/not-found", `there is nothing at ${new URL(request.url).pathname.slice(0, 200)}`);
    },
    pageOrProblem(context),
  );
  const capabilities = createCapabilities(instance.key);
  const pages = pageRoutes(context, files, capabilities);
  const routes = {
    ...own,
    ...mountRoutes(context, API_ROUTES),
    ...pages.routes,
    ...signInRoutes(context),
    ...testerRoutes(context, { files, small, capabilities }),
    ...deliveryRoutes(context, { files, documents, small }, pages.channelPage),
    ...feedRoutes(context, feeds),
    ...registryRoutes(context, { images, small }),
    ...githubRoutes(context, feeds),
  };

  const server = Bun.serve({
    hostname: options.host,
    port: options.port,
    idleTimeout: HEAD_IDLE_SECONDS,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    routes: Object.fromEntries(
      Object.entries(routes).map(([path, handler]) => [
        path,
        // What updaters poll answers at once from memory; everything else may take its time.
        path === HOT_PATH ? handler : withTimeToWork(handler),
      ]),
    ),
    fetch: (request) => nothing(Object.assign(request, { params: {} })),
    error: (error) => {
      instance.log("error", "unhandled", { error: String(error) });
      return new Response(null, { status: 500 });
    },
  });
  return {
    port: server.port ?? options.port,
    forget() {
      pages.forget();
      files.forget();
      documents.forget();
      feeds.forget();
      images.forget();
      authenticator.forget();
    },
    async stop(graceMs) {
      const end = performance.now() + graceMs;
      // Idle connections of clients that keep them open count as running for Bun: wait for requests, then cut.
      void server.stop();
      while (server.pendingRequests > 0 && performance.now() < end) await Bun.sleep(DRAIN_POLL_MS);
      await server.stop(true);
    },
  };
}
