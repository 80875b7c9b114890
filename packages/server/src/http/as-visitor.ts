import { ANONYMOUS, DistError, type Principal } from "@distd/core";
import type { Capabilities } from "../auth/capability.ts";
import { findLink, testerOf } from "../auth/tester-link.ts";
import { createVisitor, type Visitor } from "../delivery/visitor.ts";
import { cookiesIn } from "../cookies.ts";
import type { HttpContext } from "./mount.ts";

/** What a personal link leaves behind in a browser, for the pages of its app. */
export const TESTER_COOKIE = "tester";

/** Answers whoever asks by a token, or by the personal link he once opened. Where that has ended, he is told so instead of being asked for a token. */
export async function asVisitor(
  { instance, authenticator }: HttpContext,
  capabilities: Capabilities,
  request: Request,
  show: (visitor: Visitor) => Promise<Response>,
): Promise<Response> {
  const principal = await authenticator.authenticate(request.headers.get("authorization"));
  const known = principal.kind === "anonymous" ? await whoseLink(request) : principal;
  if (!(known instanceof DistError)) return show(createVisitor(instance, capabilities, known));
  try {
    return await show(createVisitor(instance, capabilities, ANONYMOUS));
  } catch (thrown) {
    throw thrown instanceof DistError && thrown.code === "auth/required" ? known : thrown;
  }

  async function whoseLink({ headers }: Request): Promise<Principal | DistError> {
    const secret = cookiesIn(headers.get("cookie")).get(TESTER_COOKIE);
    const link = secret === undefined ? undefined : await findLink(instance.db.read, { secret });
    if (link === undefined) return ANONYMOUS;
    try {
      return testerOf(link, instance.now());
    } catch (thrown) {
      if (thrown instanceof DistError) return thrown;
      throw thrown;
    }
  }
}
