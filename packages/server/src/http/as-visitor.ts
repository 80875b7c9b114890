import { DistError, type Principal } from "@distd/core";
import type { Capabilities } from "../auth/capability.ts";
import { endOf, findLink, testerOf } from "../auth/tester-link.ts";
import { createVisitor, type Visitor } from "../delivery/visitor.ts";
import { cookiesIn, MEMBER_COOKIE, TESTER_COOKIE } from "../cookies.ts";
import type { HttpContext } from "./mount.ts";

/** How a visitor came: by which link or cookie, and how long it opens anything (milliseconds since 1970). Without one: no secret, and for ever. */
export interface Entrance {
  readonly secret: string;
  readonly until: number;
}

const OPEN_DOOR: Entrance = { secret: "", until: Number.POSITIVE_INFINITY };

/** Who asks by a token in the header, or by the one he signed in with. Only for what is read: a cookie comes along with requests of other people's pages. */
export async function whoReads({ authenticator }: HttpContext, { headers }: Request): Promise<Principal> {
  const principal = await authenticator.authenticate(headers.get("authorization"));
  const token = principal.kind === "anonymous" ? cookiesIn(headers.get("cookie")).get(MEMBER_COOKIE) : undefined;
  if (token === undefined || token === "") return principal;
  try {
    return await authenticator.authenticate(`Bearer ${token}`);
  } catch (thrown) {
    // Whoever signed in with it long ago is asked again.
    if (thrown instanceof DistError && thrown.code === "auth/invalid") return principal;
    throw thrown;
  }
}

/** Answers whoever asks by a token, or by the personal link he once opened. Where that has ended, he is told so instead of being asked for a token. */
export async function asVisitor(
  context: HttpContext,
  capabilities: Capabilities,
  request: Request,
  show: (visitor: Visitor, entrance: Entrance) => Promise<Response>,
): Promise<Response> {
  const { instance } = context;
  const cookies = cookiesIn(request.headers.get("cookie"));
  const principal = await whoReads(context, request);
  if (principal.kind !== "anonymous") {
    const entrance = { secret: cookies.get(MEMBER_COOKIE) ?? "", until: Number.POSITIVE_INFINITY };
    return show(createVisitor(instance, capabilities, principal), entrance);
  }
  const secret = cookies.get(TESTER_COOKIE);
  const link = secret === undefined ? undefined : await findLink(instance.db.read, { secret });
  if (!link || secret === undefined) return show(createVisitor(instance, capabilities, principal), OPEN_DOOR);
  const ended = endOf(link, instance.now());
  if (ended === undefined) {
    const visitor = createVisitor(instance, capabilities, testerOf(link, instance.now()));
    return show(visitor, { secret, until: link.expiresAt });
  }
  try {
    return await show(createVisitor(instance, capabilities, principal), OPEN_DOOR);
  } catch (thrown) {
    throw thrown instanceof DistError && thrown.code === "auth/required" ? ended : thrown;
  }
}
