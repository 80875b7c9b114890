import { NO_MAX_SDK } from "./block-signer.ts";
import type { Scheme, SchemeResult, SchemeSigner } from "./scheme.ts";

const N = 24;
const P = 28;
const T = 33;

/** The API levels whose phones take a package to be by this signer: `24-27`, `33+`. A signer that is not here no phone looks at. */
export type SeenBy = ReadonlyMap<SchemeSigner, readonly string[]>;

/** From the package's lowest level on: phones look at the newest scheme they know, v3 and v3.1 at the signer for their own level. */
export function apiLevelsOf(schemes: readonly SchemeResult[], minSdk: number): SeenBy {
  const ranges = schemes.flatMap(({ signers }) => signers.flatMap(({ range }) => range ?? []));
  const starts = [minSdk, N, P, T, ...ranges.flatMap((range) => [range.minSdk, range.maxSdk + 1])];
  const steps = [...new Set(starts)].filter((level) => level >= minSdk && level <= NO_MAX_SDK).sort((a, b) => a - b);
  const seen = new Map<SchemeSigner, { from: number; to: number }[]>();
  for (const [index, from] of steps.entries()) {
    const to = (steps[index + 1] ?? NO_MAX_SDK + 1) - 1;
    for (const signer of seenAt(schemes, from)) {
      const levels = seen.get(signer) ?? [];
      const last = levels.at(-1);
      if (last && last.to === from - 1) last.to = to;
      else levels.push({ from, to });
      seen.set(signer, levels);
    }
  }
  return new Map([...seen].map(([signer, levels]) => [signer, levels.map(renderLevels)]));
}

function seenAt(schemes: readonly SchemeResult[], level: number): readonly SchemeSigner[] {
  const of = (name: Scheme, from: number): SchemeResult | undefined =>
    level < from ? undefined : schemes.find(({ scheme }) => scheme === name);
  const covering = (scheme: SchemeResult | undefined): SchemeSigner | undefined =>
    scheme?.signers.find(({ range }) => range && range.minSdk <= level && level <= range.maxSdk);
  const newest = covering(of("v3.1", T));
  if (newest) return [newest];
  const v3 = of("v3", P);
  if (v3) return [covering(v3)].filter((signer) => signer !== undefined);
  return (of("v2", N) ?? of("v1", 0))?.signers ?? [];
}

function renderLevels({ from, to }: { readonly from: number; readonly to: number }): string {
  if (to >= NO_MAX_SDK) return `${from}+`;
  return from === to ? `${from}` : `${from}-${to}`;
}
