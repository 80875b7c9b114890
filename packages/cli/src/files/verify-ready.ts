import type { ArtifactFacts } from "@distd/core";
import type { AppDocument } from "@distd/core/wire";
import { trustOf } from "@distd/inspect/gate";
import { isBeside, NO_TRUST, verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { ReadyFile } from "./local-files.ts";

/** What the server will find out about them: their facts with the verdict, by whom the app vouches for and what lies beside among these files. */
export async function verifyReady(
  files: readonly ReadyFile[],
  rules: AppDocument["gate"]["rules"],
): Promise<readonly { readonly name: string; readonly facts: ArtifactFacts }[]> {
  const now = new Date();
  const trust = trustOf(rules) ?? NO_TRUST;
  const verified = [];
  for (const { file, facts, source } of files) {
    const neighbours = files.filter((other) => other.file.name !== file.name && isBeside(file.name, other.file.name));
    const beside = new Map(neighbours.map((other) => [other.file.name, other.source]));
    const options = { format: facts.format, fileName: file.name, now, trust, beside };
    verified.push({ name: file.name, facts: withVerdict(facts, await verifyArtifact(source, options)) });
  }
  return verified;
}
