import { DistError } from "@distd/core";
import type { Capabilities } from "../auth/capability.ts";
import { endOf, findLink, testerOf } from "../auth/tester-link.ts";
import { createVisitor, type Visitor } from "../delivery/visitor.ts";
import { cookiesIn } from "../cookies.ts";
import type { HttpContext } from "./mount.ts";

/** What a personal link leaves behind in a browser, for the pages of its app. */
export const TESTER_COOKIE = "tester";

/** How a visitor came: by which link, and how long it opens anything (milliseconds since 1970). Without one: no secret, and for ever. */
export interface Entrance {
  readonly secret: string;
  readonly until: number;
}

const OPEN_DOOR: Entrance = { secret: "", until: Number.POSITIVE_INFINITY };

/** Answers whoever asks by a token, or by the personal link he once opened. Where that has ended, he is told so instead of being asked for a token. */
export async function asVisitor(
  { instance, authenticator }: HttpContext,
  capabilities: Capabilities,
  { headers }: Request,
  show: (visitor: Visitor, entrance: Entrance) => Promise<Response>,
): Promise<Response> {
  const principal = await authenticator.authenticate(headers.get("authorization"));
  const secret = cookiesIn(headers.get("cookie")).get(TESTER_COOKIE);
  const link = principal.kind === "anonymous" && secret !== undefined ? await findLink(instance.db.read, { secret }) : undefined;
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
