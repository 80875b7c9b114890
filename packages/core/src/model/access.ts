/** Who may do what: actions, scopes and roles in one place. Rights are judged on (principal, app, action), never on knowing a digest. */

export const ACCESS_LEVELS = ["public", "unlisted", "members", "testers", "token"] as const;
/** Everyone; everyone with the address; holders of a token; these and whoever was invited; holders of a token, and never anybody else. */
export type Access = (typeof ACCESS_LEVELS)[number];

/** What readers do with an app. Each has a level of its own. */
export const USES = ["read", "download", "install"] as const;
export type Use = (typeof USES)[number];

/** An app as far as rights go: who may see it, fetch its files, install it on a device. */
export interface AppAccess {
  readonly id: string;
  readonly access: Access;
  readonly download: Access;
  readonly install: Access;
}

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
  readonly kind: "anonymous" | "token" | "admin" | "tester";
  /** `publish`, `promote:beta`, … */
  readonly scopes: readonly string[];
  /** App ids, or all of them. */
  readonly apps: "all" | readonly string[];
  /** Of a tester: the one channel he was invited to. */
  readonly channel?: string;
}

export const ANONYMOUS: Principal = { id: "anonymous", kind: "anonymous", scopes: [], apps: [] };

/** `publish`, `promote`, `promote:beta`; undefined when it is none. */
export function parseScope(text: string): { readonly action: Action; readonly channel?: string } | undefined {
  if (Object.hasOwn(SCOPES, text)) return { action: text as Action };
  const [action, channel, ...rest] = text.split(":");
  return action === "promote" && channel && rest.length === 0 && /^[a-z][a-z0-9-]{0,31}$/.test(channel) ? { action, channel } : undefined;
}

export interface AccessTarget {
  /** Absent for what belongs to no app. */
  readonly app?: AppAccess;
  readonly channel?: string;
  /** Channels that a thing of the app was ever offered on; absent: the app as such. */
  readonly offeredOn?: readonly string[];
}

/** Whether everybody who has the address may, without credentials. */
export const isOpen = (access: Access): boolean => access === "public" || access === "unlisted";

/** Whether everybody may see it and fetch its files, and may be told of it. */
export const isPublic = (app: Pick<AppAccess, "access" | "download">): boolean => app.access === "public" && app.download === "public";

/** How narrow a level is: nobody may do more with an app than see it, so no other level is wider than that. */
const NARROWNESS: Readonly<Record<Access, number>> = { public: 0, unlisted: 1, testers: 2, members: 3, token: 3 };

export const isWider = (one: Access, than: Access): boolean => NARROWNESS[one] < NARROWNESS[than];

/** Every scope on an app carries the right to see it; that is what makes 403 (seen, not allowed) different from 404 (not seen). */
export function isAllowed(principal: Principal, action: Action | Use, target: AccessTarget = {}): boolean {
  const { app, channel, offeredOn } = target;
  const level = app && levelOf(app, action);
  if (level !== undefined && isOpen(level)) return true;
  if (principal.kind === "anonymous") return false;
  if (app && principal.apps !== "all" && !principal.apps.includes(app.id)) return false;
  if (principal.kind === "tester")
    return level === "testers" && (offeredOn === undefined || (principal.channel !== undefined && offeredOn.includes(principal.channel)));
  // The log as a whole tells of every app.
  if (!app && action === "audit:read" && principal.apps !== "all") return false;
  if (isUse(action)) return principal.scopes.some((text) => text !== "app:create" && parseScope(text) !== undefined);
  return principal.scopes.some((text) => {
    const scope = parseScope(text);
    return scope?.action === action && (scope.channel === undefined || scope.channel === channel);
  });
}

function isUse(action: Action | Use): action is Use {
  return (USES as readonly string[]).includes(action);
}

/** Undefined for what is no reader's. */
function levelOf(app: AppAccess, action: Action | Use): Access | undefined {
  if (!isUse(action)) return undefined;
  return action === "read" ? app.access : app[action];
}
