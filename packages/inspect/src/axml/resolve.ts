import { compareRank, type ResourceConfig } from "./resource-config.ts";
import type { ConfiguredValue, ResourceTable } from "./resource-table.ts";
import type { ResValue } from "./res-value.ts";

const MAX_STEPS = 20;
/** Density buckets: default is 160; these two mean "any" and "none". */
const DEFAULT_DENSITY = 160;
const ANY_DENSITY = 0xfffe;
const NO_DENSITY = 0xffff;
const BITMAP = /\.(?:png|webp|jpe?g|gif)$/i;

/** Whether a drawable is made of pixels, told by its name as the platform does. */
export function isBitmap(path: string): boolean {
  return BITMAP.test(path);
}

/** The value a device without locale would see, references followed; undefined when it leads nowhere. */
export function resolveValue(
  value: ResValue,
  table: ResourceTable,
  locale = "",
  steps = 0,
): Exclude<ResValue, { kind: "reference" }> | undefined {
  if (value.kind !== "reference") return value;
  if (steps >= MAX_STEPS) return undefined;
  const best = bestFor(table.valuesOf(value.id), locale);
  return best === undefined ? undefined : resolveValue(best, table, locale, steps + 1);
}

/** The text a device without locale would show; numbers and booleans as the platform writes them. */
export function resolveText(value: ResValue | undefined, table: ResourceTable, locale = ""): string | undefined {
  const resolved = value === undefined ? undefined : resolveValue(value, table, locale);
  if (resolved === undefined || resolved.kind === "other") return undefined;
  return resolved.kind === "boolean" ? String(resolved.value) : resolved.text;
}

/** The texts a resource has of its own per locale. */
export function localizedTexts(value: ResValue | undefined, table: ResourceTable): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  if (value?.kind !== "reference") return texts;
  const locales = new Set(table.valuesOf(value.id).map(({ config }) => config.locale));
  locales.delete("");
  for (const locale of [...locales].sort()) {
    const text = resolveText(value, table, locale);
    if (text !== undefined) texts[locale] = text;
  }
  return texts;
}

export interface IconChoice {
  readonly path: string;
  /** 0 where the density does not apply. */
  readonly density: number;
}

/** Every file a drawable may come from, best first: bitmaps by density, then what scales (XML). */
export function iconChoices(value: ResValue | undefined, table: ResourceTable, maxDensity: number): readonly IconChoice[] {
  const found: IconChoice[] = [];
  collectFiles(value, undefined, table, new Set(), found);
  const score = (icon: IconChoice): number => (icon.density > maxDensity ? -1 : icon.density + (isBitmap(icon.path) ? 0x10000 : 0));
  return found.sort((a, b) => score(b) - score(a));
}

function collectFiles(
  value: ResValue | undefined,
  config: ResourceConfig | undefined,
  table: ResourceTable,
  seen: Set<number>,
  found: IconChoice[],
): void {
  if (value?.kind === "string") found.push({ path: value.text, density: pixelDensity(config?.density ?? 0) });
  if (value?.kind !== "reference" || seen.has(value.id) || seen.size >= MAX_STEPS) return;
  seen.add(value.id);
  for (const { config: next, value: target } of table.valuesOf(value.id)) {
    if (next.locale === "" && !next.isSpecial) collectFiles(target, next, table, seen, found);
  }
}

function pixelDensity(density: number): number {
  if (density === ANY_DENSITY || density === NO_DENSITY) return 0;
  return density === 0 ? DEFAULT_DENSITY : density;
}

function bestFor(values: readonly ConfiguredValue[], locale: string): ResValue | undefined {
  const usable = values.filter(({ config }) => !config.isSpecial);
  const own = usable.filter(({ config }) => config.locale === locale);
  const candidates = own.length > 0 ? own : usable.filter(({ config }) => config.locale === "");
  let best: ConfiguredValue | undefined;
  for (const candidate of candidates) if (best === undefined || compareRank(candidate.config, best.config) > 0) best = candidate;
  return best?.value;
}
