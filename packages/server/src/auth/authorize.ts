import { type Action, type AppAccess, DistError, isAllowed, type Principal, type Use } from "@distd/core";

/** An app as far as rights go. */
export interface AppRef extends AppAccess {
  readonly slug: string;
}

/** More of what is asked: the channel a right is bound to, or where a thing of the app was offered. */
export interface Asked {
  readonly channel?: string;
  readonly offeredOn?: readonly string[];
}

/**
 * Throws unless the principal may do this. Who may not see the app gets the answer for an app that does not exist; who sent no token is
 * asked for one, whether the app exists or not.
 */
export function authorize<A extends AppRef>(
  principal: Principal,
  action: Action | Use,
  slug: string,
  app: A | undefined,
  asked: Asked = {},
): asserts app is A {
  if (!app || !isAllowed(principal, "read", { app, ...asked })) {
    if (principal.kind === "anonymous") throw new DistError("auth/required", `app '${slug}' is not open to everyone`);
    throw new DistError("app/not-found", `there is no app '${slug}', or this token does not reach it`);
  }
  if (isAllowed(principal, action, { app, ...asked })) return;
  if (principal.kind === "anonymous") throw new DistError("auth/required", `'${action}' on app '${slug}' needs a token`);
  if (principal.kind === "tester") throw new DistError("auth/forbidden", `this link does not allow to '${action}' app '${slug}'`);
  const scope = asked.channel === undefined ? action : `${action} or ${action}:${asked.channel}`;
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
