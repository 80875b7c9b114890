import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));
export const FIXTURES = join(REPOSITORY, "fixtures/formats");
export const FIXTURE_KINDS = ["ok", "lookalike", "truncated", "hostile"] as const;
export type FixtureKind = (typeof FIXTURE_KINDS)[number];

const GOLDEN_ENDING = ".facts.json";

export interface Fixture {
  readonly name: string;
  readonly path: string;
}

/** The fixtures of one format and kind, by name. */
export function listFixtures(format: string, kind: FixtureKind): readonly Fixture[] {
  return filesIn(format, kind)
    .filter((name) => !name.endsWith(GOLDEN_ENDING))
    .map((name) => ({ name, path: join(FIXTURES, format, kind, name) }));
}

export function goldenPath(fixture: Fixture): string {
  return `${fixture.path}${GOLDEN_ENDING}`;
}

/** Golden files whose fixture is gone. */
export function orphanGoldens(format: string): readonly string[] {
  return FIXTURE_KINDS.flatMap((kind) => {
    const names = filesIn(format, kind);
    const goldens = names.filter((name) => name.endsWith(GOLDEN_ENDING));
    return goldens.filter((name) => kind !== "ok" || !names.includes(name.slice(0, -GOLDEN_ENDING.length)));
  });
}

export function readFixture(fixture: Fixture): Uint8Array {
  return new Uint8Array(readFileSync(fixture.path));
}

function filesIn(format: string, kind: FixtureKind): readonly string[] {
  const folder = join(FIXTURES, format, kind);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
