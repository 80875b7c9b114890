import { covers, parseTarget, type Target, renderTarget } from "./target.ts";

/** The channel of installers that name none. */
export const STABLE = "stable";

/** Which release is live for which target: target text → release id. */
export type Heads = Readonly<Record<string, string>>;

/**
 * The heads after promoting a release that has builds for `targets`. Its targets, and those they cover, move; others stay, so that an
 * Android hotfix does not remove the iOS build. `exact` drops the others.
 */
export function promoteHeads(heads: Heads, release: string, targets: readonly Target[], options: { readonly exact: boolean }): Heads {
  const kept = options.exact ? [] : Object.entries(heads).filter(([head]) => !targets.some((target) => covers(target, parseTarget(head))));
  return sortedHeads([...kept, ...targets.map((target): [string, string] => [renderTarget(target), release])]);
}

/** The heads without a release; where a replacement is named, it takes the place for the targets it has. */
export function withoutRelease(heads: Heads, release: string): Heads {
  return sortedHeads(Object.entries(heads).filter(([, live]) => live !== release));
}

export function sameHeads(a: Heads, b: Heads): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function sortedHeads(entries: readonly (readonly [string, string])[]): Heads {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
