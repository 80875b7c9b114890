import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memorySource } from "@distd/core";
import { REPOSITORY } from "./fixtures.ts";
import type { Verdict } from "../verify/verdict.ts";
import { verifyAll } from "../verify/verify-all.ts";
import { openpgp } from "../verify/openpgp/index.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/openpgp");
/** While all test keys and signatures last. */
export const NOW = new Date("2026-01-15T00:00:00Z");
export const notes = readFileSync(join(FOLDER, "notes.txt"));

export function signatureOf(name: string): Buffer {
  const path = join(FOLDER, `notes.txt.${name}.asc`);
  return readFileSync(existsSync(path) ? path : join(FOLDER, `notes.txt.${name}.sig`));
}

/** As the caller gives it: text, or bytes as Latin-1. */
export function keyOf(name: string): string {
  return readFileSync(join(FOLDER, "keys", name.includes(".") ? name : `${name}.asc`), "latin1");
}

export interface Asked {
  readonly content?: Uint8Array;
  readonly keys?: readonly string[];
  readonly now?: Date;
  readonly beside?: Readonly<Record<string, Uint8Array>>;
}

export async function verifyNotes(
  signature: Uint8Array,
  { content = notes, keys = [], now = NOW, beside = {} }: Asked = {},
): Promise<Verdict> {
  const files = { "notes.txt.sig": signature, ...beside };
  const [verdict] = await verifyAll(memorySource(content), [openpgp], {
    format: "file",
    fileName: "notes.txt",
    now,
    trust: { certificates: [], keys, revoked: new Set() },
    beside: new Map(Object.entries(files).map(([name, bytes]) => [name, memorySource(bytes)])),
  });
  return verdict as Verdict;
}
