import { timingSafeEqual } from "node:crypto";
import { ANONYMOUS, DistError, isWellFormedToken, type Principal, ROLES_OF_PEOPLE, sha256 } from "@distd/core";
import type { Read } from "../db/database.ts";
import { createReadCache, type ReadCache } from "../read-cache.ts";

/** Turns a request's token into a principal, and remembers when each token was last used. */
export interface Authenticator {
  /** The principal, when it is known without asking the database; undefined also for tokens that are refused. */
  recall(authorization: string | null): Principal | undefined;
  /** Throws `auth/invalid` for a token that is malformed, unknown, expired or revoked; ANONYMOUS without one. */
  authenticate(authorization: string | null): Promise<Principal>;
  /** Whose token has this id; undefined: nobody's any more. */
  findById(id: string): Promise<Principal | undefined>;
  /** Last uses since the last call, by token id. */
  takeLastUses(): ReadonlyMap<string, number>;
  /** Call after tokens changed. */
  forget(): void;
}

export const ADMIN: Principal = { id: "admin", kind: "admin", scopes: ROLES_OF_PEOPLE.admin, apps: "all" };

/** Principals kept in memory; beyond that they are looked up again. */
const MAX_KNOWN_TOKENS = 10_000;

interface KnownToken {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/** Package managers that only know passwords send the token as one. */
function tokenOf(authorization: string): string | undefined {
  const basic = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  if (basic === undefined) return /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  const pair = Buffer.from(basic, "base64").toString("utf8");
  return /^[^:]*:([\x21-\x7e]+)$/.exec(pair)?.[1];
}

function principalOf({ id, scopes, apps }: { readonly id: string; readonly scopes: string; readonly apps: string }): Principal {
  return { id, kind: "token", scopes: JSON.parse(scopes), apps: JSON.parse(apps) };
}

export function createAuthenticator(read: Read, options: { readonly adminToken: string | undefined; now(): number }): Authenticator {
  const admin = options.adminToken === undefined ? undefined : sha256(options.adminToken);
  // By the whole header: hashing it again for every request of a busy client costs more than answering.
  const known: ReadCache<KnownToken> = createReadCache(MAX_KNOWN_TOKENS);
  let lastUses = new Map<string, number>();

  const lookUp = async (authorization: string): Promise<KnownToken> => {
    const token = tokenOf(authorization);
    if (token === undefined)
      throw new DistError("auth/invalid", "the Authorization header is not 'Bearer TOKEN', nor Basic with the token as password");
    const hash = sha256(token);
    if (admin !== undefined && timingSafeEqual(Buffer.from(admin), Buffer.from(hash)))
      return { principal: ADMIN, expiresAt: Number.POSITIVE_INFINITY };
    if (!isWellFormedToken(token)) {
      throw new DistError("auth/invalid", "the token is malformed", { hint: "copy the whole token; it begins with dist_ci_" });
    }
    const row = await read.selectFrom("tokens").selectAll().where("hash", "=", hash).where("revoked_at", "is", null).executeTakeFirst();
    if (!row) throw new DistError("auth/invalid", "the token is unknown or revoked");
    return { principal: principalOf(row), expiresAt: Date.parse(row.expires_at) };
  };
  const use = ({ principal }: KnownToken): Principal => {
    if (principal.kind === "token") lastUses.set(principal.id, options.now());
    return principal;
  };

  return {
    recall(authorization) {
      if (authorization === null || authorization === "") return ANONYMOUS;
      const token = known.recall(authorization);
      return token !== undefined && token.expiresAt > options.now() ? use(token) : undefined;
    },
    async authenticate(authorization) {
      if (authorization === null || authorization === "") return ANONYMOUS;
      const token = await known.get(authorization, () => lookUp(authorization));
      if (token === undefined || token.expiresAt <= options.now()) {
        throw new DistError("auth/invalid", "the token has expired", { hint: "make a new one with 'dist token create'" });
      }
      return use(token);
    },
    async findById(id) {
      const row = await read.selectFrom("tokens").selectAll().where("id", "=", id).where("revoked_at", "is", null).executeTakeFirst();
      return row && Date.parse(row.expires_at) > options.now() ? principalOf(row) : undefined;
    },
    takeLastUses() {
      const taken = lastUses;
      lastUses = new Map();
      return taken;
    },
    forget: known.forget,
  };
}
