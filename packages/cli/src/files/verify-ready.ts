import type { ArtifactFacts } from "@distd/core";
import { isBeside, NO_TRUST, verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { ReadyFile } from "./local-files.ts";

/** What the server will find out about them: their facts with the verdict, by the keys it trusts and what lies beside among these files. */
export async function verifyReady(
  files: readonly ReadyFile[],
  keys: readonly string[],
): Promise<readonly { readonly name: string; readonly facts: ArtifactFacts }[]> {
  const now = new Date();
  const verified = [];
  for (const { file, facts, source } of files) {
    const neighbours = files.filter((other) => other.file.name !== file.name && isBeside(file.name, other.file.name));
    const beside = new Map(neighbours.map((other) => [other.file.name, other.source]));
    const options = { format: facts.format, fileName: file.name, now, trust: { ...NO_TRUST, keys }, beside };
    verified.push({ name: file.name, facts: withVerdict(facts, await verifyArtifact(source, options)) });
  }
  return verified;
}
