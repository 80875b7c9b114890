import { problem } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import { listed } from "./seal.ts";

/** Files that lie outside of the apps: nothing is said of them, unless volumes that do not tell upper case from lower put them inside. */
export function outsideProblems(paths: readonly string[], apps: readonly string[]): readonly VerdictProblem[] {
  const folders = apps.map(folded);
  const isInside = (path: string): boolean => folders.some((folder) => folded(path).startsWith(folder));
  const [inside, outside] = [paths.filter(isInside), paths.filter((path) => !isInside(path))];
  return [
    ...(inside.length > 0 ? [problem("signing/uncovered", `it ends up in the app on most volumes: ${listed(inside)}`)] : []),
    ...(outside.length > 0 ? [problem("signing/partial", `outside of the app nothing is signed: ${listed(outside)}`)] : []),
  ];
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
