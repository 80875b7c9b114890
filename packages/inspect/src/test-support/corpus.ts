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
export const CORPUS = join(REPOSITORY, "../shared/corpus");
export const REFUSED = "refused";

export type Json = { readonly [key: string]: any };
/** One fact: its name, what we say, what the tool says. `undefined`, `null` and the empty text all mean "absent". */
export type Row = readonly [field: string, ours: unknown, theirs: unknown];
/** File → fields that differ, and why that is right. */
export type Exceptions = Readonly<Record<string, readonly [fields: string, reason: string]>>;

/** What is held against what a tool said of the same files. */
export interface Agreement {
  /** `facts`, or `verdicts`: who signed, and whether that holds. */
  readonly about: "facts" | "verdicts";
  /** Whose word it is. */
  readonly tool: string;
  /** Of the corpus. */
  readonly folders: readonly string[];
  /** Not all files of a folder are of the kind. */
  readonly includes?: (path: string) => boolean;
  rowsOf(source: ByteSource, truth: Json, path: string): Promise<readonly Row[]>;
  readonly exceptions: Exceptions;
}

/** One test for every file of the folders: the fields that differ are exactly those of the table. */
export function describeAgreement({ about, tool, folders, includes = () => true, rowsOf, exceptions }: Agreement): void {
  const skip = existsSync(join(CORPUS, "INDEX.tsv")) ? false : `no corpus at ${CORPUS}`;
  describe(`corpus, ${about}: ${folders.join(", ")}`, { skip }, () => {
    const paths = skip === false ? folders.flatMap(listFolder).filter(includes) : [];
    for (const path of paths) {
      it(path, async () => {
        const rows = await withFile(join(CORPUS, path), (source) => rowsOf(source, readTruth(path), path));
        const differing = rows.filter(([, ours, theirs]) => known(ours) !== known(theirs));
        const [expected = "", reason] = exceptions[basename(path)] ?? [];
        const fields = differing.map(([field]) => field);
        reportAgreement({ about, tool, path, rows: rows.map(([field]) => field), differing: fields, reason });
        assert.equal(fields.join(" "), expected, JSON.stringify(differing));
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

export interface CorpusKind {
  readonly folder: string;
  /** What to inspect instead of the file itself. */
  prepare?(source: ByteSource, truth: Json): ByteSource;
  /** What to hold against each other. `facts` is undefined when we refuse the file. */
  compare(facts: ArtifactFacts | undefined, truth: Json): readonly Row[];
  readonly exceptions: Exceptions;
}

/** Agreement on facts. */
export function describeCorpus({ folder, prepare, compare, exceptions }: CorpusKind): void {
  describeAgreement({
    about: "facts",
    tool: "the platform's own tools",
    folders: [folder],
    rowsOf: async (source, truth, path) => compare(await inspectOrRefuse(prepare?.(source, truth) ?? source, path), truth),
    exceptions,
  });
}

export function readTruth(path: string): Json {
  return JSON.parse(readFileSync(join(CORPUS, "truth", `${path}.json`), "utf8")) as Json;
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

/** One file, for `npm run corpus`, which counts them. */
export interface AgreementLine {
  readonly about: Agreement["about"];
  readonly tool: string;
  /** Below the corpus. */
  readonly path: string;
  /** Fields that were compared. */
  readonly rows: readonly string[];
  readonly differing: readonly string[];
  /** Why that is right; absent: nobody said. */
  readonly reason?: string | undefined;
}

function reportAgreement(line: AgreementLine): void {
  const report = process.env["DIST_CORPUS_REPORT"];
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(line)}\n`);
}

/** As text: what is absent is empty. */
export function known(value: unknown): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
