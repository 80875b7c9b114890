import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type ByteSource, memorySource } from "@distd/core";
import { testCertificate } from "../../../../fixtures/signatures/make/windows-cms.ts";
import { REPOSITORY } from "./fixtures.ts";
import type { Verdict } from "../verify/verdict.ts";
import type { Trust } from "../verify/verifier.ts";
import { windows } from "../verify/windows/index.ts";

const FORMATS: Readonly<Record<string, string>> = {
  ".exe": "exe",
  ".dll": "exe",
  ".msi": "msi",
  ".cab": "cab",
  ".msix": "msix",
  ".appx": "msix",
  ".msixbundle": "msix",
  ".appxbundle": "msix",
  ".nupkg": "nupkg",
};
/** While the test signers' certificates last; they end with 2026. */
export const NOW = new Date("2026-06-01T00:00:00Z");
export const LATER = new Date("2030-01-01T00:00:00Z");

export function readSigned(path: string): Buffer {
  return readFileSync(join(REPOSITORY, "fixtures/signatures/windows", path));
}

/** Whoever stands under these test certificates is trusted. */
export function trusting(...names: readonly string[]): Trust {
  return { certificates: names.map(testCertificate), keys: [], revoked: new Set() };
}

export interface VerifyOptions {
  readonly now?: Date;
  readonly trust?: Trust;
  readonly beside?: ReadonlyMap<string, ByteSource>;
}

export function formatOf(name: string): string {
  return FORMATS[extname(name)] ?? "";
}

export function verifyBytes(name: string, bytes: Uint8Array, options: VerifyOptions = {}): Promise<Verdict> {
  return verifySource(name, memorySource(bytes), options);
}

export function verifySource(name: string, source: ByteSource, options: VerifyOptions = {}): Promise<Verdict> {
  const { now = NOW, trust = trusting("root"), beside = new Map() } = options;
  return windows.verify(source, { format: formatOf(name), fileName: basename(name), now, trust, beside });
}
