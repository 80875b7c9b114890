/** Fields that name other packages. apt ends with an error, for every package of the archive, when it cannot read one of them. */
const RELATIONS = new Set(
  ["Pre-Depends", "Depends", "Recommends", "Suggests", "Enhances", "Breaks", "Conflicts", "Replaces", "Provides", "Obsoletes"].map((name) =>
    name.toLowerCase(),
  ),
);

const ONE = /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9-]+)?\s*(?:\(\s*(?:<<|<=|=|>=|>>|<|>)\s*[A-Za-z0-9.+:~_-]+\s*\))?$/;

export function isRelationField(name: string): boolean {
  return RELATIONS.has(name.toLowerCase());
}

/** `a (>= 1) | b, c:any`: packages, alternatives between bars, all between commas. One comma may end it. */
export function isRelation(value: string): boolean {
  const text = value.trim();
  if (text === "") return true;
  return text
    .replace(/,$/, "")
    .split(/[,|]/)
    .every((one) => ONE.test(one.trim()));
}
