import type { GateResultDocument } from "@distd/core/wire";
import type { Style } from "./output.ts";

/** One line: the artifact, what was found, and who accepted it. */
export function renderCheck({ artifact, message, override }: GateResultDocument): string {
  return `${artifact}: ${message}${override ? ` (accepted by ${override.by}: ${override.reason})` : ""}`;
}

/** Every finding with both sides and what to do, worst first. */
export function renderChecks(checks: readonly GateResultDocument[], style: Style): string {
  if (checks.length === 0) return `${style.good("ok")}  nothing to complain about\n`;
  return checks
    .map((result) => {
      const { severity, check, fix, live, offered } = result;
      const sides = live === undefined ? [] : [`      live     ${live}`, `      offered  ${offered ?? ""}`];
      return [
        `${severity === "error" ? style.bad("error") : "warn "}  ${renderCheck(result)}`,
        ...sides,
        style.dim(`      ${check}: ${fix}`),
        "",
      ].join("\n");
    })
    .join("");
}
