// The first pass over an archive: what every file is, the layout and signature of those that are code, and the content of those that say
// something about signatures.
import { attempt, broken } from "../../../broken.ts";
import { createBudget } from "../../../budget.ts";
import { type CodeLayout, isCode, readCodeLayout } from "../macho/layout.ts";
import type { Archive, ArchiveFile } from "./archive.ts";

const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** All that is kept: lists, profiles, signatures. */
const MAX_KEPT_BYTES = 40 * 1024 * 1024;
const HEAD_BYTES = 8;
const KEPT: readonly string[] = ["Info.plist", "CodeResources", "embedded.mobileprovision", "embedded.provisionprofile"];
/** Version 2 (RFC 1740). */
const APPLE_DOUBLE = Buffer.from("0005160700020000", "hex");
const KEPT_FOLDER = "_CodeSignature";

export interface Survey {
  readonly files: ReadonlyMap<string, ArchiveFile>;
  /** In order. */
  readonly paths: readonly string[];
  /** Of files with the names above. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly code: ReadonlyMap<string, CodeLayout>;
  /** `._name` beside `name`: attributes of a file, which macOS' own archivers take for such again. */
  readonly attributes: ReadonlySet<string>;
  /** Code that cannot be read, and why. */
  readonly damaged: ReadonlyMap<string, string>;
}

/** `root`: only what lies below it. */
export async function surveyArchive(archive: Archive, root = ""): Promise<Survey> {
  const inside = archive.files.filter(({ path }) => path.startsWith(root));
  const files = new Map(inside.map((file) => [file.path, file]));
  const contents = new Map<string, Uint8Array>();
  const code = new Map<string, CodeLayout>();
  const damaged = new Map<string, string>();
  const attributes = new Set<string>();
  const budget = createBudget(MAX_KEPT_BYTES);
  const want = (path: string): boolean => files.get(path)?.kind === "file";
  await archive.pass(want, async (path, source) => {
    if (isKept(path)) {
      if (source.size > MAX_FILE_BYTES) throw broken(`${path} has ${source.size} bytes`);
      budget.spend(source.size, path);
      contents.set(path, Uint8Array.from(await source.read(0, source.size)));
      return;
    }
    const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
    const owner = ownerOf(path);
    if (owner !== undefined && files.has(owner) && APPLE_DOUBLE.equals(head)) attributes.add(path);
    if (!isCode(head)) return;
    const read = await attempt(() => readCodeLayout(afterHead(source, head)));
    if ("error" in read) damaged.set(path, read.error.message);
    else {
      budget.spend(
        read.value.slices.reduce((sum, { signature, info }) => sum + (signature?.length ?? 0) + (info?.length ?? 0), 0),
        path,
      );
      code.set(path, read.value);
    }
  });
  return { files, paths: inside.map(({ path }) => path), contents, code, attributes, damaged };
}

/** The file whose attributes one called `._name` holds. */
function ownerOf(path: string): string | undefined {
  const at = path.lastIndexOf("/") + 1;
  return path.startsWith("._", at) ? `${path.slice(0, at)}${path.slice(at + 2)}` : undefined;
}

function isKept(path: string): boolean {
  const parts = path.split("/");
  return KEPT.includes(parts.at(-1) ?? "") || parts.at(-2) === KEPT_FOLDER;
}

/** The source again, whose first bytes were read: it only goes forward. */
function afterHead(source: Parameters<typeof readCodeLayout>[0], head: Uint8Array): typeof source {
  return {
    size: source.size,
    async read(offset, length) {
      if (offset >= head.length || length === 0) return source.read(Math.max(offset, head.length), length);
      const early = head.subarray(offset, offset + length);
      return early.length === length ? early : Buffer.concat([early, await source.read(head.length, length - early.length)]);
    },
  };
}
