import { problem } from "../problem.ts";
import type { SignatureVerdict, VerdictProblem } from "../verdict.ts";

/** Devices load only code of the app's own team. */
export function teamContradictions({ details = {} }: SignatureVerdict): readonly VerdictProblem[] {
  const inside = (details["inside"] ?? []) as readonly { readonly path: string; readonly teamId?: string }[];
  const own = typeof details["teamId"] === "string" ? details["teamId"] : undefined;
  return inside
    .filter(({ teamId }) => teamId !== undefined && teamId !== own)
    .map(({ path, teamId }) => problem("signing/contradiction", `code of team ${teamId ?? ""} in an app of ${own ?? "none"}`, path));
}
