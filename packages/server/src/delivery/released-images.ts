import { DistError, type Principal, sha256 } from "@distd/core";
import { FEEDS } from "@distd/feeds";
import { authorize } from "../auth/authorize.ts";
import { createReadCache } from "../read-cache.ts";
import { type AppRow, findApp } from "../service/apps.ts";
import type { ImageName } from "../service/images/images.ts";
import type { Instance } from "../service/instance.ts";
import { homeName } from "../service/repositories/repositories.ts";
import type { FeedFiles } from "./feed-files.ts";

/** Images that releases hold, as a registry hands them out. */
export interface ReleasedImages {
  /** By version, channel or digest; undefined when no release holds it. */
  manifest(principal: Principal, name: ImageName, reference: string): Promise<ReleasedManifest | undefined>;
  /** Another file of the image: a blob, the list of tags. */
  file(request: Request, principal: Principal, name: ImageName, path: string): Promise<Response | undefined>;
  /** Call after any change. */
  forget(): void;
}

export interface ReleasedManifest {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** `sha256:…` of the body. */
  readonly digest: string;
}

const MAX_KNOWN = 1_000;

export function createReleasedImages(instance: Instance, feeds: FeedFiles): ReleasedImages {
  const apps = createReadCache<AppRow>(MAX_KNOWN);
  const manifests = createReadCache<ReleasedManifest>(MAX_KNOWN);
  const oci = FEEDS.find(({ id }) => id === "oci");
  const openApp = async (principal: Principal, name: ImageName): Promise<AppRow> => {
    const app = await apps.get(name.app, () => findApp(instance.db.read, name.app));
    authorize(principal, "download", name.app, app);
    return app;
  };
  /** As the app's home repository serves it. */
  const respond = async (request: Request, principal: Principal, app: AppRow, address: string): Promise<Response | undefined> => {
    if (!oci || app.registry === "raw") return undefined;
    try {
      return await feeds.respond(request, principal, oci, homeName(app), address);
    } catch (thrown) {
      const { code } = thrown as DistError;
      if (code === "feed/not-found" || code === "repository/not-found" || code === "auth/required") return undefined;
      throw thrown;
    }
  };

  return {
    async manifest(principal, name, reference) {
      const app = await openApp(principal, name);
      const address = `${name.text}/manifests/${reference}`;
      return manifests.get(address, async () => {
        // All of it, also for who asks for the headers alone.
        const response = await respond(new Request(instance.baseUrl), principal, app, address);
        if (!response) return undefined;
        const body = new Uint8Array(await response.arrayBuffer());
        return { type: response.headers.get("content-type") ?? "", body, digest: `sha256:${sha256(body)}` };
      });
    },
    async file(request, principal, name, path) {
      return respond(request, principal, await openApp(principal, name), `${name.text}/${path}`);
    },
    forget() {
      apps.forget();
      manifests.forget();
    },
  };
}
