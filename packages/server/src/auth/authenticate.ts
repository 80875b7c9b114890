import { timingSafeEqual } from "node:crypto";
import { ANONYMOUS, DistError, isWellFormedToken, type Principal, ROLES_OF_PEOPLE, sha256, type Sha256 } from "@distd/core";
import type { Read } from "../db/database.ts";

/** Turns a request's token into a principal, and remembers when each token was last used. */
export interface Authenticator {
  /** Throws `auth/invalid` for a token that is malformed, unknown, expired or revoked; ANONYMOUS without one. */
  authenticate(authorization: string | null): Promise<Principal>;
  /** Last uses since the last call, by token id. */
  takeLastUses(): ReadonlyMap<string, number>;
  /** Call after tokens changed. */
  forget(): void;
}

export const ADMIN: Principal = { id: "admin", kind: "admin", scopes: ROLES_OF_PEOPLE.admin, apps: "all" };

/** Principals kept in memory; beyond that the oldest are looked up again. */
const MAX_KNOWN_TOKENS = 10_000;

interface KnownToken {
  readonly principal: Principal;
  readonly expiresAt: number;
}

export function createAuthenticator(read: Read, options: { readonly adminToken: string | undefined; now(): number }): Authenticator {
  const admin = options.adminToken === undefined ? undefined : sha256(options.adminToken);
  const known = new Map<Sha256, KnownToken>();
  let lastUses = new Map<string, number>();

  const lookUp = async (hash: Sha256): Promise<KnownToken> => {
    const row = await read.selectFrom("tokens").selectAll().where("hash", "=", hash).where("revoked_at", "is", null).executeTakeFirst();
    if (!row) throw new DistError("auth/invalid", "the token is unknown or revoked");
    const principal: Principal = { id: row.id, kind: "token", scopes: JSON.parse(row.scopes), apps: JSON.parse(row.apps) };
    const token = { principal, expiresAt: Date.parse(row.expires_at) };
    if (known.size >= MAX_KNOWN_TOKENS) known.delete(known.keys().next().value as Sha256);
    known.set(hash, token);
    return token;
  };

  return {
    async authenticate(authorization) {
      if (authorization === null || authorization === "") return ANONYMOUS;
      const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
      if (token === undefined) throw new DistError("auth/invalid", "the Authorization header is not 'Bearer TOKEN'");
      const hash = sha256(token);
      if (admin !== undefined && timingSafeEqual(Buffer.from(admin), Buffer.from(hash))) return ADMIN;
      if (!isWellFormedToken(token))
        throw new DistError("auth/invalid", "the token is malformed", { hint: "copy the whole token; it begins with dist_ci_" });
      const { principal, expiresAt } = known.get(hash) ?? (await lookUp(hash));
      if (expiresAt <= options.now())
        throw new DistError("auth/invalid", "the token has expired", { hint: "make a new one with 'dist token create'" });
      lastUses.set(principal.id, options.now());
      return principal;
    },
    takeLastUses() {
      const taken = lastUses;
      lastUses = new Map();
      return taken;
    },
    forget: () => known.clear(),
  };
}
