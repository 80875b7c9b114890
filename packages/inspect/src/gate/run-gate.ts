import type { GateContext, GateResult, GateSubject, Severity } from "./check.ts";
import { CHECKS } from "./checks/index.ts";

/** Which checks are errors, warnings, or off: for the whole app, and for single channels, which win. */
export interface GatePolicy {
  readonly checks?: Readonly<Record<string, Severity>> | undefined;
  readonly channels?: Readonly<Record<string, Readonly<Record<string, Severity>>>> | undefined;
}

export interface GateInput {
  /** Each artifact with the one it would replace. */
  readonly pairs: readonly { readonly subject: GateSubject; readonly live: GateSubject | undefined }[];
  readonly context: GateContext;
  readonly policy: GatePolicy;
  /** At promotion the order of builds is not looked at. */
  readonly stage: "publish" | "promote";
  /** Accepted findings: check id → who and why. */
  readonly overrides: Readonly<Record<string, { readonly by: string; readonly reason: string }>>;
}

/** All findings, worst first. An overridden error stays in the list, as a warning that says who accepted it. */
export function runGate({ pairs, context, policy, stage, overrides }: GateInput): GateResult[] {
  const results = CHECKS.filter(({ about }) => stage === "publish" || about === "identity" || about === "quality").flatMap((check) => {
    const stated = policy.channels?.[context.channel ?? ""]?.[check.id] ?? policy.checks?.[check.id];
    const severity = (check.isFixed ? undefined : stated) ?? check.severity(context);
    if (severity === "off") return [];
    const override = overrides[check.id] ?? null;
    return pairs.flatMap(({ subject, live }): GateResult[] => {
      const finding = check.find(subject, live, context);
      if (!finding) return [];
      return [{ check: check.id, severity: override ? "warning" : severity, artifact: subject.name, ...finding, fix: check.fix, override }];
    });
  });
  return results.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
}

export function isRefused(results: readonly GateResult[]): boolean {
  return results.some(({ severity }) => severity === "error");
}
