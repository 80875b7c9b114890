import type { ArtifactFacts } from "@distd/core";
import type { ReleaseDocument } from "@distd/core/wire";
import { findRelease } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { factWarnings } from "../files/fact-warnings.ts";

export const releaseCheck: Command = {
  name: ["release", "check"],
  summary: "What is missing or doubtful in a release; exit 3 for missing parts",
  positionals: [{ name: "RELEASE", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const release = await findRelease(connect(), args[0] ?? "");
    const findings = release.artifacts.flatMap(({ name, facts }) =>
      facts === null ? [] : factWarnings(name, facts as unknown as ArtifactFacts, release),
    );
    output.result({ release: release.id, missing: release.missing, findings }, renderFindings(release, findings));
    return release.missing.length > 0 ? 3 : 0;
  },
};

function renderFindings(release: ReleaseDocument, findings: readonly string[]): string {
  const lines = [...release.missing.map((part) => `missing: ${part}`), ...findings];
  return lines.length === 0 ? `${release.version}: nothing to complain about\n` : `${lines.join("\n")}\n`;
}
