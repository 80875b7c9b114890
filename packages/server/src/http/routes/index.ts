import type { Route } from "../route.ts";
import { appRoutes } from "./apps.ts";
import { auditRoutes } from "./audit.ts";
import { channelRoutes } from "./channels.ts";
import { releaseRoutes } from "./releases.ts";
import { repositoryRoutes } from "./repositories.ts";
import { systemRoutes } from "./system.ts";
import { testerRoutes } from "./testers.ts";
import { tokenRoutes } from "./tokens.ts";
import { uploadRoutes } from "./uploads.ts";

/** Every operation of the API. A route that is not here does not exist. */
export const API_ROUTES: readonly Route[] = [
  ...systemRoutes,
  ...appRoutes,
  ...uploadRoutes,
  ...releaseRoutes,
  ...channelRoutes,
  ...repositoryRoutes,
  ...tokenRoutes,
  ...testerRoutes,
  ...auditRoutes,
];
