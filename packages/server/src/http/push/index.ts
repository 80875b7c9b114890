import { DistError, isAllowed, type Principal } from "@distd/core";
import { pushApt } from "./apt.ts";
import { pushNpm } from "./npm.ts";
import type { PushContext } from "./push-context.ts";
import { pushPypi } from "./pypi.ts";

const PUSHES: Readonly<Record<string, (context: PushContext) => Promise<Response>>> = { apt: pushApt, npm: pushNpm, pypi: pushPypi };

/** Publishing with `npm`, `twine` and `curl`; undefined for feeds that only give. */
export function findPush(feed: string): ((context: PushContext) => Promise<Response>) | undefined {
  const push = PUSHES[feed];
  return (
    push &&
    ((context) => {
      const { principal } = context.caller;
      if (principal.kind === "anonymous") throw new DistError("auth/required", "publishing needs a token");
      // Before a byte of the body is read.
      if (!isAllowed(principal, "publish")) throw new DistError("auth/forbidden", "this token may not 'publish'");
      return push(context);
    })
  );
}

/** What npm's clients ask a registry beside packages: who they are, and whether anything is known to be vulnerable. */
export function answerSelf(feed: string, path: string, principal: Principal): Response | undefined {
  if (feed !== "npm") return undefined;
  if (path.startsWith("-/npm/v1/security/")) return Response.json({});
  if (path !== "-/whoami") return undefined;
  if (principal.kind === "anonymous") throw new DistError("auth/required", "nobody is signed in");
  return Response.json({ username: principal.id }, { headers: { "cache-control": "no-store" } });
}
