/** Who may do what: actions, scopes and roles in one place. Rights are judged on (principal, app, action), never on knowing a digest. */

export const ACCESS_LEVELS = ["public", "unlisted", "members", "testers", "token"] as const;
/** Who may see and download an app: everyone, everyone with the address, or holders of a token. */
export type Access = (typeof ACCESS_LEVELS)[number];

export const SCOPES = {
  read: "see the app, its releases and channels, and download",
  publish: "upload, make drafts and publish releases",
  promote: "promote and roll back channels; promote:CHANNEL for one",
  yank: "withdraw releases",
  "gate:override": "accept a refused check of the release gate, for one release, with a reason",
  "app:create": "create apps",
  "app:admin": "change an app's settings",
  "repo:admin": "make repositories and change what is in them",
  "token:admin": "create, list and revoke tokens",
  "audit:read": "read the audit log",
} as const;
export type Action = keyof typeof SCOPES;

/** Named sets of scopes, for people who do not want to choose. */
export const ROLES_OF_PEOPLE = {
  reader: ["read"],
  ci: ["read", "publish", "promote"],
  manager: ["read", "publish", "promote", "yank", "gate:override", "app:admin", "repo:admin", "audit:read"],
  admin: ["read", "publish", "promote", "yank", "gate:override", "app:create", "app:admin", "repo:admin", "token:admin", "audit:read"],
} as const satisfies Record<string, readonly Action[]>;

/** Who asks. */
export interface Principal {
  /** Pseudonymous and stable: what the audit log stores. */
  readonly id: string;
  readonly kind: "anonymous" | "token" | "admin";
  /** `publish`, `promote:beta`, … */
  readonly scopes: readonly string[];
  /** App ids, or all of them. */
  readonly apps: "all" | readonly string[];
}

export const ANONYMOUS: Principal = { id: "anonymous", kind: "anonymous", scopes: [], apps: [] };

/** `publish`, `promote`, `promote:beta`; undefined when it is none. */
export function parseScope(text: string): { readonly action: Action; readonly channel?: string } | undefined {
  if (Object.hasOwn(SCOPES, text)) return { action: text as Action };
  const [action, channel, ...rest] = text.split(":");
  return action === "promote" && channel && rest.length === 0 && /^[a-z][a-z0-9-]{0,31}$/.test(channel) ? { action, channel } : undefined;
}

export interface AccessTarget {
  /** The app's id; absent for what belongs to no app. */
  readonly app?: { readonly id: string; readonly access: Access };
  readonly channel?: string;
}

/** Whether everybody who has the address may see and download, without credentials. */
export const isOpen = (access: Access): boolean => access === "public" || access === "unlisted";

/** Every scope on an app carries the right to see it; that is what makes 403 (seen, not allowed) different from 404 (not seen). */
export function isAllowed(principal: Principal, action: Action, target: AccessTarget = {}): boolean {
  const { app, channel } = target;
  if (app && action === "read" && isOpen(app.access)) return true;
  if (principal.kind === "anonymous") return false;
  if (app && principal.apps !== "all" && !principal.apps.includes(app.id)) return false;
  // The log as a whole tells of every app.
  if (!app && action === "audit:read" && principal.apps !== "all") return false;
  if (action === "read") return principal.scopes.some((text) => text !== "app:create" && parseScope(text) !== undefined);
  return principal.scopes.some((text) => {
    const scope = parseScope(text);
    return scope?.action === action && (scope.channel === undefined || scope.channel === channel);
  });
}
