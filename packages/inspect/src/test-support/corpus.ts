import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import type { ArtifactFacts, ByteSource } from "@distd/core";
import { isBroken } from "../broken.ts";
import { inspectArtifact } from "../index.ts";
import { withFile } from "./file-source.ts";
import { REPOSITORY } from "./fixtures.ts";

/** Real files nobody here wrote, and what the platforms' own tools say of them. They lie beside the repository and are no part of it. */
const CORPUS = join(REPOSITORY, "../shared/corpus");
export const REFUSED = "refused";

export type Json = { readonly [key: string]: any };
/** One fact: its name, what we say, what the tool says. `undefined`, `null` and the empty text all mean "absent". */
export type Row = readonly [field: string, ours: unknown, theirs: unknown];
/** File → fields that differ, and why that is right. */
export type Exceptions = Readonly<Record<string, readonly [fields: string, reason: string]>>;

export interface CorpusKind {
  readonly folder: string;
  /** What to inspect instead of the file itself. */
  prepare?(source: ByteSource, truth: Json): ByteSource;
  /** What to hold against each other. `facts` is undefined when we refuse the file. */
  compare(facts: ArtifactFacts | undefined, truth: Json): readonly Row[];
  readonly exceptions: Exceptions;
}

/** One test for every file of a folder: the fields that differ are exactly those of the table. */
export function describeCorpus({ folder, prepare, compare, exceptions }: CorpusKind): void {
  const skip = existsSync(join(CORPUS, "INDEX.tsv")) ? false : `no corpus at ${CORPUS}`;
  describe(`corpus: ${folder}`, { skip }, () => {
    const paths = skip === false ? listFolder(folder) : [];
    for (const path of paths) {
      it(basename(path), async () => {
        const truth = JSON.parse(readFileSync(join(CORPUS, "truth", `${path}.json`), "utf8")) as Json;
        const facts = await withFile(join(CORPUS, path), (source) => inspectOrRefuse(prepare?.(source, truth) ?? source, path));
        const rows = compare(facts, truth);
        const differing = rows.filter(([, ours, theirs]) => known(ours) !== known(theirs));
        reportAgreement({
          folder,
          file: basename(path),
          rows: rows.map(([field]) => field),
          differing: differing.map(([field]) => field),
          reason: exceptions[basename(path)]?.[1],
        });
        const fields = differing.map(([field]) => field).join(" ");
        assert.equal(fields, exceptions[basename(path)]?.[0] ?? "", JSON.stringify(differing));
      });
    }
    it("has no exception for a file that is not there", () => {
      const names = new Set(paths.map((path) => basename(path)));
      assert.deepEqual(
        Object.keys(exceptions).filter((name) => !names.has(name)),
        [],
      );
    });
  });
}

async function inspectOrRefuse(source: ByteSource, path: string): Promise<ArtifactFacts | undefined> {
  try {
    return await inspectArtifact(source, path);
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}

function listFolder(folder: string): readonly string[] {
  const rows = readFileSync(join(CORPUS, "INDEX.tsv"), "utf8").split("\n");
  return rows.map((row) => row.split("\t")[0] as string).filter((path) => path.startsWith(`${folder}/`));
}

/** Several values in one text, whatever their order. */
export function listed(values: unknown): string {
  return [...((values as Iterable<unknown> | undefined | null) ?? [])].map(String).sort().join(" ");
}

/** A line for `npm run corpus`, which counts them. */
function reportAgreement(line: {
  folder: string;
  file: string;
  rows: readonly string[];
  differing: readonly string[];
  reason: string | undefined;
}): void {
  const report = process.env["DIST_CORPUS_REPORT"];
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(line)}\n`);
}

/** As text: what is absent is empty. */
export function known(value: unknown): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
