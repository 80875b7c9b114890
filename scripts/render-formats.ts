import { readFileSync } from "node:fs";
import type { ArtifactFacts } from "@distd/core";
import { FORMATS } from "@distd/inspect";
import { goldenPath, listFixtures } from "../packages/inspect/src/test-support/fixtures.ts";

const COMMON = [
  "architectures",
  "identifier",
  "version",
  "build",
  "name",
  "minOs",
  "targetOs",
  "icon",
  "permissions",
  "entitlements",
] as const satisfies readonly (keyof ArtifactFacts)[];

/** Which facts each format yields: what its inspector said of its fixtures. A test holds those files to the code. */
export function renderFormats(): string {
  const formats = FORMATS.map(({ id, extensions, readIcon }) => ({ id, extensions, readIcon, facts: factsOf(id) }));
  const table = formats.map(({ id, facts, readIcon }) => {
    const cells = COMMON.map((field) => (facts.some((one) => isThere(one[field])) ? "✓" : ""));
    const signed = facts.some(({ signing }) => signing.state !== "unsigned") ? "✓" : "";
    return `| [${id}](formats/${id}.md) | ${[...cells, signed, readIcon ? "✓" : ""].join(" | ")} |`;
  });
  const own = formats.map(({ id, extensions, facts }) => {
    const keys = new Set(facts.flatMap(({ details }) => Object.keys(details)));
    const schemes = new Set(facts.flatMap(({ signing }) => signing.schemes));
    return `| ${id} | ${code(extensions)} | ${code([...keys].sort())} | ${code([...schemes].sort())} |`;
  });
  return `# Facts by format

Generated from what each inspector says of its fixtures (\`fixtures/formats/*/ok\`). The pages say where each fact comes from.

| format | ${COMMON.join(" | ")} | signing | icon as PNG |
|---|${COMMON.map(() => "---|").join("")}---|---|
${table.join("\n")}

Every format also says \`format\`, \`platform\` and \`problems\`. What only one format has is in \`details\`:

| format | file names | details | signing schemes |
|---|---|---|---|
${own.join("\n")}
`;
}

function factsOf(format: string): readonly ArtifactFacts[] {
  return listFixtures(format, "ok").map((fixture) => JSON.parse(readFileSync(goldenPath(fixture), "utf8")));
}

const isThere = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(" ");
