/** Apps are looked for this deep: archives made by hand have a folder around them. */
export const INFO_PLIST = /^((?:[^/]+\/){0,2}[^/]+\.app\/)Contents\/Info\.plist$/;
/** What macOS' own archiver puts beside files for their attributes. */
const ATTRIBUTES = "__MACOSX/";
const MAX_APPS = 16;

/** Paths of the apps that are in no other app, each with a slash at the end, in the order of the container. */
export function findApps(paths: readonly string[]): readonly string[] {
  const apps: string[] = [];
  for (const path of paths) {
    const app = path.startsWith(ATTRIBUTES) ? undefined : INFO_PLIST.exec(path)?.[1];
    if (app !== undefined && !/\.app\/./.test(app) && apps.length < MAX_APPS) apps.push(app);
  }
  return apps;
}

/** Programs that come along: helpers, daemons, login items, services, extensions. */
const HELPERS: readonly RegExp[] = [
  /^Contents\/MacOS\/[^/]+$/,
  /^Contents\/(?:Helpers|Library\/LaunchServices)\/[^/]+$/,
  /^(Contents\/(?:Helpers|MacOS|Library\/LoginItems)\/[^/]+\.app)\/Contents\/Info\.plist$/,
  /^(Contents\/XPCServices\/[^/]+\.xpc)\/Contents\/Info\.plist$/,
  /^(Contents\/PlugIns\/[^/]+\.appex)\/Contents\/Info\.plist$/,
  /^Contents\/Library\/(?:LaunchAgents|LaunchDaemons)\/[^/]+\.plist$/,
  /^(Contents\/Library\/SystemExtensions\/[^/]+\.(?:system|d)extension)\/Contents\/Info\.plist$/,
];
const MAX_HELPERS = 200;

/** Relative to the app, sorted, without its main program. */
export function findHelpers(paths: readonly string[], app: string, executable: string | undefined): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(app) || path.endsWith("/")) continue;
    const inside = path.slice(app.length);
    for (const pattern of HELPERS) {
      const match = pattern.exec(inside);
      if (match !== null) found.add(match[1] ?? inside);
    }
  }
  if (executable !== undefined) found.delete(`Contents/MacOS/${executable}`);
  return [...found].sort().slice(0, MAX_HELPERS);
}
