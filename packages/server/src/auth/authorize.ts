import { type Access, type Action, DistError, isAllowed, type Principal } from "@distd/core";

/** An app as far as rights go. */
export interface AppRef {
  readonly id: string;
  readonly slug: string;
  readonly access: Access;
}

/**
 * Throws unless the principal may do this. Who may not see the app gets the answer for an app that does not exist; who sent no token is
 * asked for one, whether the app exists or not.
 */
export function authorize<A extends AppRef>(
  principal: Principal,
  action: Action,
  slug: string,
  app: A | undefined,
  channel?: string,
): asserts app is A {
  if (!app || !isAllowed(principal, "read", { app })) {
    if (principal.kind === "anonymous") throw new DistError("auth/required", `app '${slug}' is not open to everyone`);
    throw new DistError("app/not-found", `there is no app '${slug}', or this token does not reach it`);
  }
  if (isAllowed(principal, action, { app, ...(channel === undefined ? {} : { channel }) })) return;
  if (principal.kind === "anonymous") throw new DistError("auth/required", `'${action}' on app '${slug}' needs a token`);
  const scope = channel === undefined ? action : `${action} or ${action}:${channel}`;
  throw new DistError("auth/forbidden", `this token may not '${action}' on app '${slug}'`, {
    hint: `use a token with the scope ${scope}`,
    details: { scope: action },
  });
}

/** The same for what belongs to no app. */
export function authorizeInstance(principal: Principal, action: Action): void {
  if (isAllowed(principal, action)) return;
  if (principal.kind === "anonymous") throw new DistError("auth/required", `'${action}' needs a token`);
  throw new DistError("auth/forbidden", `this token may not '${action}'`, {
    hint: `use a token with the scope ${action}`,
    details: { scope: action },
  });
}
