import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type ByteSource, memorySource } from "@distd/core";
import { REPOSITORY } from "../fixtures.ts";
import type { Verdict } from "../../verify/verdict.ts";
import type { Trust, VerifyContext } from "../../verify/verifier.ts";
import { apple } from "../../verify/apple/index.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/apple");
/** While the test signers' certificates and profiles last; they end with 2026. */
export const NOW = new Date("2026-06-01T00:00:00Z");
export const LATER = new Date("2030-01-01T00:00:00Z");

export function readSigned(path: string): Buffer {
  return readFileSync(join(FOLDER, path));
}

export function testCertificate(name: string): Buffer {
  return Buffer.from(readFileSync(join(FOLDER, "keys", `${name}.pem`), "latin1").replace(/-----[^-]+-----|\s/g, ""), "base64");
}

/** Whoever stands under these test certificates is trusted. */
export function trusting(...names: readonly string[]): Trust {
  return { certificates: names.map(testCertificate), keys: [], revoked: new Set() };
}

export interface VerifyOptions {
  readonly now?: Date;
  readonly trust?: Trust;
}

export function contextOf(path: string, { now = NOW, trust = trusting("root") }: VerifyOptions = {}): VerifyContext {
  return { format: formatOf(path), fileName: basename(path), now, trust, beside: new Map() };
}

/** `macho/hardened`: the folder says what it is. */
export function formatOf(path: string): string {
  return path.split("/")[0] as string;
}

export function verifyBytes(path: string, bytes: Uint8Array, options?: VerifyOptions): Promise<Verdict> {
  return verifySource(path, memorySource(bytes), options);
}

export function verifySource(path: string, source: ByteSource, options?: VerifyOptions): Promise<Verdict> {
  return apple.verify(source, contextOf(path, options));
}
