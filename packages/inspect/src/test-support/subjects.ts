import type { ArtifactFacts } from "@distd/core";

/** The signers' common names, to hold against what OpenSSL prints. */
export function signerNames({ signing }: ArtifactFacts): string {
  return signing.certificates.map(({ subject }) => /(?:^|,)CN=((?:\\.|[^,])*)/.exec(subject)?.[1] ?? subject).join(" ");
}

/** The common name in a subject as OpenSSL writes it on one line, escapes undone. */
export function commonName(subject: unknown): string | undefined {
  if (typeof subject !== "string") return undefined;
  const bytes = subject.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return /\/CN=(.*)$/s.exec(bytes)?.[1]?.replaceAll("\0", "");
}
