import { DistError } from "@distd/core";
import type { Invocation, Option } from "../command.ts";

/** A refused check that somebody accepts for one release. */
export interface Override {
  readonly check: string;
  readonly reason: string;
}

export const OVERRIDE_OPTIONS: Readonly<Record<string, Option>> = {
  override: {
    type: "string",
    value: "CHECK",
    multiple: true,
    summary: "accept a refused check of the release gate (needs the scope gate:override)",
  },
  reason: { type: "string", value: "TEXT", summary: "why; stands in the audit log and with the release" },
};

export function readOverrides({ options, option }: Pick<Invocation, "options" | "option">): Override[] {
  const checks = options("override");
  const reason = option("reason");
  if (checks.length > 0 && !reason)
    throw new DistError("usage/invalid", "--override needs --reason", { hint: 'say why: --reason "agreed with QA"' });
  return checks.map((check) => ({ check, reason: reason ?? "" }));
}
