import type { RpmHeader } from "../../rpm/read-header.ts";
import { RELATION_TAGS } from "./tags.ts";

const [LESS, GREATER, EQUAL] = [2, 4, 8];
/** Kernels provide some thousand symbols; facts are kept in a database. */
const MAX_RELATIONS = 5000;

/** Each as rpm writes it: `name`, `name >= version`. Kinds that are absent are left out. */
export function readRelations(header: RpmHeader): Readonly<Record<string, readonly string[]>> {
  const relations: Record<string, readonly string[]> = {};
  for (const [field, nameTag, flagsTag, versionTag] of RELATION_TAGS) {
    const names = header.texts(nameTag).slice(0, MAX_RELATIONS);
    const [flags, versions] = [header.numbers(flagsTag), header.texts(versionTag)];
    if (names.length > 0) relations[field] = names.map((name, index) => render(name, flags[index] ?? 0, versions[index] ?? ""));
  }
  return relations;
}

function render(name: string, flags: number, version: string): string {
  const operator = `${(flags & LESS) !== 0 ? "<" : ""}${(flags & GREATER) !== 0 ? ">" : ""}${(flags & EQUAL) !== 0 ? "=" : ""}`;
  return operator === "" || version === "" ? name : `${name} ${operator} ${version}`;
}
