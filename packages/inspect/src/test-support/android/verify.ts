import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteSource, memorySource } from "@distd/core";
import type { SignatureVerdict, Verdict } from "../../verify/verdict.ts";
import { NO_TRUST, type Trust } from "../../verify/verifier.ts";
import { android } from "../../verify/android/index.ts";
import { SIGNED } from "./test-key.ts";

export function readSigned(name: string): Buffer {
  return readFileSync(join(SIGNED, name));
}

export interface VerifyInput {
  readonly format?: string;
  readonly fileName?: string;
  readonly trust?: Partial<Trust>;
  readonly beside?: Readonly<Record<string, Buffer>>;
}

/** By the ending of its name, an APK when it has none. */
export async function verify(
  bytes: Uint8Array | ByteSource,
  { fileName = "app.apk", format, trust, beside = {} }: VerifyInput = {},
): Promise<Verdict> {
  const source = bytes instanceof Uint8Array ? memorySource(bytes) : bytes;
  return android.verify(source, {
    format: format ?? fileName.slice(fileName.lastIndexOf(".") + 1),
    fileName,
    now: new Date("2026-11-20T12:00:00Z"),
    trust: { ...NO_TRUST, ...trust },
    beside: new Map(Object.entries(beside).map(([name, content]) => [name, memorySource(content)])),
  });
}

/** Every code in the verdict, each once, sorted. */
export function codesOf({ signatures, problems }: Verdict): readonly string[] {
  return [...new Set([...problems, ...signatures.flatMap((one) => one.problems)].map(({ code }) => code))].sort();
}

/** The names AOSP has for what is wrong. */
export function issuesOf({ signatures, problems }: Verdict): readonly string[] {
  const all = [...problems, ...signatures.flatMap((one) => one.problems)];
  return [...new Set(all.flatMap(({ message }) => /\(([A-Z0-9_]+)\)$/.exec(message)?.[1] ?? []))].sort();
}

export function signatureOf({ signatures }: Verdict, scheme: string): SignatureVerdict | undefined {
  return signatures.find((one) => one.scheme === scheme);
}
